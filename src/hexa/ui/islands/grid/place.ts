// Where the reader is in a grid: a cell, and the rectangle of cells chosen from there.
export interface Cells {
  rows: [first: number, last: number];
  columns: [first: number, last: number];
}

type Spot = [row: number, column: number];

export class Place {
  row = 0;
  column = 0;
  private from: Spot | undefined;

  /** With `isReaching` the rectangle grows from where it began. */
  move(row: number, column: number, isReaching: boolean): void {
    this.from = isReaching ? (this.from ?? [this.row, this.column]) : undefined;
    this.row = row;
    this.column = column;
  }

  /** Whether there were more than one. */
  release(): boolean {
    const wereMany = this.isMany;
    this.from = undefined;
    return wereMany;
  }

  get isMany(): boolean {
    return Boolean(this.from && (this.from[0] !== this.row || this.from[1] !== this.column));
  }

  get chosen(): Cells {
    const [row, column] = this.from ?? [this.row, this.column];
    return {
      rows: [Math.min(row, this.row), Math.max(row, this.row)],
      columns: [Math.min(column, this.column), Math.max(column, this.column)],
    };
  }

  has(row: number, column: number): boolean {
    const { rows, columns } = this.chosen;
    return row >= rows[0] && row <= rows[1] && column >= columns[0] && column <= columns[1];
  }

  /** Where a key leads from here; `page` is how many rows are in view. */
  after(key: string, isHeld: boolean, page: number, last: Spot): Spot | undefined {
    const { row, column } = this;
    const to: Record<string, Spot> = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      PageUp: [row - page, column],
      PageDown: [row + page, column],
      Home: [isHeld ? 0 : row, 0],
      End: [isHeld ? last[0] : row, last[1]],
    };
    return to[key];
  }
}

# Files by their address. The session API hands out a link for each, valid for minutes
# and for nothing else; the session's own keys never enter R.

# Downloads a file and answers, invisibly, where it is now.
download <- function(address, file = NULL) {
  from <- hexakit_address(address)
  if (is.null(file)) file <- temporary(from)
  failed <- fetch(link(from, "GET"), file)
  if (!is.null(failed)) {
    unlink(file)
    stop(from, ": ", refused(failed, "GET"), call. = FALSE)
  }
  invisible(file)
}

# Uploads a file and answers, invisibly, its address. An earlier one is replaced; the
# bucket keeps it as a version.
upload <- function(file, address) {
  to <- hexakit_address(address)
  if (!file.exists(file)) stop("There is no file ", dQuote(file, FALSE), call. = FALSE)
  # Base R writes to no link; the Python of the environment does.
  python("hexakit.transfer", "put", path.expand(file), link(to, "PUT"))
  invisible(to)
}

# A data frame. Further arguments are those of read.csv().
read_csv <- function(address, ...) {
  with_local(address, function(file) read.csv(file, ..., check.names = FALSE))
}

# Without row names, which no other program reads. Further arguments: write.csv().
write_csv <- function(data, address, ...) {
  file <- temporary(address)
  on.exit(unlink(file))
  write.csv(data, file, ..., row.names = FALSE, fileEncoding = "UTF-8", na = "")
  if (is_local(address)) file.copy(file, address, overwrite = TRUE) else upload(file, address)
  invisible(data)
}

# A data frame; Arrow's types become those read.csv() finds in the text.
read_parquet <- function(address, ...) {
  with_local(address, function(file) {
    text <- tempfile(fileext = ".csv")
    on.exit(unlink(text))
    python("hexakit.parquet", "to-csv", file, text)
    read.csv(text, ..., check.names = FALSE, encoding = "UTF-8")
  })
}

write_parquet <- function(data, address) {
  text <- tempfile(fileext = ".csv")
  file <- temporary(address)
  on.exit(unlink(c(text, file)))
  write.csv(data, text, row.names = FALSE, fileEncoding = "UTF-8", na = "")
  python("hexakit.parquet", "from-csv", text, file)
  if (is_local(address)) file.copy(file, address, overwrite = TRUE) else upload(file, address)
  invisible(data)
}

# A file of the disk may stand where an address is asked for.
is_local <- function(address) {
  is.null(tryCatch(hexakit_address(address), error = function(reason) NULL))
}

with_local <- function(address, use) {
  if (is_local(address)) return(use(address))
  file <- download(address)
  on.exit(unlink(file))
  use(file)
}

# The exported name is the argument's too.
hexakit_address <- address

# With the address's own ending, by which readers know what a file holds.
temporary <- function(address) {
  ending <- regmatches(address, regexpr("(\\.[A-Za-z0-9]+){1,2}$", address))
  tempfile(fileext = if (length(ending)) ending else "")
}

# A presigned link from the session API.
link <- function(address, method) {
  server <- sub("/+$", "", Sys.getenv("HEXA_SESSION_URL"))
  token_file <- Sys.getenv("HEXA_TOKEN_FILE")
  if (server == "" || !file.exists(token_file)) {
    stop("hexakit reaches files from sessions and pipelines of OpenHexa only.", call. = FALSE)
  }
  query <- paste0(server, "/link/?address=", encoded(address), "&method=", method)
  token <- readLines(token_file, n = 1L, warn = FALSE)
  answer <- tempfile()
  on.exit(unlink(answer))
  failed <- fetch(query, answer, headers = c(Authorization = paste("Bearer", token)))
  if (!is.null(failed)) stop(address, ": ", refused(failed, method), call. = FALSE)
  json_field(paste(readLines(answer, warn = FALSE, encoding = "UTF-8"), collapse = ""), "url")
}

# NULL, or why it failed. R tells the status of an answer in one of its warnings.
fetch <- function(url, file, headers = NULL) {
  reasons <- character()
  note <- function(condition) {
    reasons <<- c(reasons, conditionMessage(condition))
    if (inherits(condition, "warning")) invokeRestart("muffleWarning")
  }
  try(
    withCallingHandlers(
      download.file(url, file, mode = "wb", quiet = TRUE, headers = headers),
      warning = note,
      error = note
    ),
    silent = TRUE
  )
  if (length(reasons)) paste(reasons, collapse = "; ")
}

refused <- function(reason, method) {
  verb <- if (method == "PUT") "write" else "read"
  if (grepl("'40[13] ", reason)) return(paste("you may not", verb, "it."))
  if (grepl("'404 ", reason)) return("there is no such file.")
  paste("nothing answers:", reason)
}

# One text field of a flat JSON object: all that the session API's links need.
json_field <- function(json, name) {
  pattern <- paste0("\"", name, "\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*)\"")
  value <- regmatches(json, regexec(pattern, json, perl = TRUE))[[1]][2]
  if (is.na(value)) stop("The platform's answer is not understood.", call. = FALSE)
  value <- gsub("\\u0026", "&", value, fixed = TRUE)
  gsub("\\\\(.)", "\\1", value, perl = TRUE)
}

# Runs a module of the environment's Python; stops with what it says.
python <- function(module, ...) {
  command <- Sys.getenv("HEXA_PYTHON", "python3")
  arguments <- vapply(c("-m", module, ...), shQuote, "")
  # R puts its own libraries before those of the programs it starts; with them Python's
  # SSL does not load.
  said <- suppressWarnings(
    system2(command, arguments, stdout = TRUE, stderr = TRUE, env = "LD_LIBRARY_PATH=")
  )
  status <- attr(said, "status")
  if (!is.null(status) && status != 0L) {
    stop(paste(c(module, "failed:", said), collapse = "\n"), call. = FALSE)
  }
}

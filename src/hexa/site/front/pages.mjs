// What a person sees while a part of the platform is down. It stands alone: the server
// that holds styles and fonts may be the one that is missing.

export const STYLE = `
:root { color-scheme: light dark; }
body { margin: 0; min-height: 100vh; display: grid; place-content: center;
  font: 1rem/1.6 system-ui, sans-serif; padding: 2rem;
  background: light-dark(#fafaf9, #18181b); color: light-dark(#27272a, #e4e4e7); }
main { max-width: 32rem; }
h1 { font-size: 1.375rem; font-weight: 600; margin: 0 0 .5rem; }
p { margin: 0; color: light-dark(#57534e, #a1a1aa); }
`;

const WORDS = {
  en: {
    503: ["One moment", "This part of the platform is starting or restarting. This page tries again by itself."],
    400: ["This address is not valid", "Go back and try another link."],
  },
  fr: {
    503: ["Un instant", "Cette partie de la plateforme démarre ou redémarre. Cette page réessaie toute seule."],
    400: ["Cette adresse n’est pas valide", "Revenez en arrière et essayez un autre lien."],
  },
};

export function errorDocument(status, acceptLanguage = "", mayRepeat = false) {
  const language = /^\s*fr\b/i.test(acceptLanguage) ? "fr" : "en";
  const [title, text] = WORDS[language][status];
  const again = status === 503 && mayRepeat ? '<meta http-equiv="refresh" content="3">' : "";
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">${again}
<title>${title} · OpenHexa</title><style>${STYLE}</style></head>
<body><main><h1>${title}</h1><p>${text}</p></main></body>
</html>
`;
}

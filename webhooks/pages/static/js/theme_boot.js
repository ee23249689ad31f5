// A classic script on purpose: it runs before the first paint, so a guest who chose dark never sees a white flash.
try {
  const chosen = localStorage.getItem("tiffin.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // Storage may be refused (private window, third-party frame): the system's preference then decides.
}

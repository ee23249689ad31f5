// Light or dark: the system decides until the reader presses the toggle, then the choice is kept on this device.

const dark = matchMedia("(prefers-color-scheme: dark)");

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : dark.matches;
}

/** Makes `button` switch the theme; its pressed state says whether dark is on. */
export function bindThemeToggle(button) {
  const show = () => button.setAttribute("aria-pressed", String(isDark()));
  button.addEventListener("click", () => {
    const next = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem("tiffin.theme", next);
    } catch {
      // Not kept, then; it still holds for this page.
    }
    show();
  });
  dark.addEventListener("change", show);
  show();
}

// After paying: the chat is where it goes on. A tab that a script opened can be closed by one; any other cannot, and then
// the guest is told so rather than left pressing.

import { bindThemeToggle } from "./theme.js";

bindThemeToggle(document.getElementById("theme"));
document.getElementById("close").addEventListener("click", () => {
  window.close();
  setTimeout(() => (document.getElementById("stuck").hidden = false), 300);
});

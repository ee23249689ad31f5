// Where the guest is, when they wish to say so. Browsers tell it only to pages on https or localhost.

export const canLocate = window.isSecureContext && "geolocation" in navigator;

const PATIENCE_MS = 15_000;

/** {latitude, longitude}; rejects when it is refused or cannot be found. */
export function whereAmI() {
  return new Promise((found, refused) =>
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude } }) => found({ latitude, longitude }),
      refused,
      { enableHighAccuracy: true, timeout: PATIENCE_MS },
    ),
  );
}

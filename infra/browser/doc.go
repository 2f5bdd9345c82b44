// Package browser pays in a real browser. Its tests start the whole stack and drive headless Chromium through the
// shop's and the bank's pages as a person would: by clicking, tapping and typing. They need Chromium and the build tag
// browser (make browser), and leave a picture of every page in .build/screenshots.
package browser

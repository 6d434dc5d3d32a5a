/** Property tests without a framework. */
package io.ebridge.draw;

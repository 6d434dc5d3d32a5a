/** What the tests of several modules share. Not published; the testkit is what users test with. */
module io.ebridge.draw {
    exports io.ebridge.draw;
}

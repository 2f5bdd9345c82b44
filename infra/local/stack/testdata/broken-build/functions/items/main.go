// Items does not compile: that is its purpose.
package main

func main() {
	undefined()
}

/// One sentence, when there is nothing else to show.
enum MessagePage {
    static let template = """
        {{> head}}
        <h1>{{text}}</h1>
        <p><a href="/">All jobs</a></p>
        </main></body></html>
        """
}

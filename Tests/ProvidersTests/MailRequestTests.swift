import Delivery
import Foundation
import HTTPTransport
import Providers
import Testing

@Suite("A mail is one well-formed request")
struct MailRequestTests {
    @Test("writes text before HTML, one recipient, and the attempt in custom_args")
    func golden() throws {
        let sender = MessageSender(address: "shop@example.org", displayName: "Shop, Inc; \"A\"")
        let request = try requests.send(outbound(.email, from: sender), notAfter: nil)
        #expect(request.url == "https://api.sendgrid.com/v3/mail/send")
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == #"{"categories":["outrider","alert"],"#
                + #""content":[{"type":"text/plain","value":"Ready"},{"type":"text/html","value":"<p>Ready</p>"}],"#
                + #""from":{"email":"shop@example.org","name":"Shop Inc \"A\""},"personalizations":[{"custom_args":"#
                + #"{"outrider_generation":"3","outrider_job":"42","#
                + #""outrider_token":"7d8e5b52-0000-4000-8000-000000000001"},"to":[{"email":"ann@example.com"}]}],"#
                + #""subject":"Order"}"#)
        guard case .bearer("SG.key") = request.credentials else {
            Issue.record("no bearer credentials")
            return
        }
    }

    @Test(
        "a sender's name has no comma and no semicolon, whatever mark stands behind them",
        arguments: ["\u{301}", "\u{1082}", "\u{200D}", "\u{FE0F}", "\u{20E3}", "\u{600}"])
    func senderName(_ mark: String) throws {
        let sender = MessageSender(address: "shop@example.org", displayName: "A,\(mark)B\(mark);\(mark)\"\(mark)")
        let mail = try mail(outbound(.email, from: sender))
        let name = try #require((mail["from"] as? [String: String])?["name"])
        #expect(name.utf8.elementsEqual("A\(mark)B\(mark)\(mark)\"\(mark)".utf8))
    }

    @Test(
        "uses only documented members",
        arguments: [
            outbound(.email), outbound(.email, .email(subject: "a", text: "b", html: nil)),
            outbound(.email, .dynamicTemplate(id: "d-1", subject: "a", dataJSON: #"{"name":"Ann"}"#)),
        ])
    func documented(message: OutboundMessage) throws {
        let mail = try mail(message)
        #expect(Set(mail.keys).isSubset(of: DocumentedParameters.mail))
        let personalizations = try #require(mail["personalizations"] as? [[String: Any]])
        #expect(personalizations.count == 1)
        #expect(Set(personalizations[0].keys).isSubset(of: DocumentedParameters.personalization))
        let arguments = try #require(personalizations[0]["custom_args"] as? [String: String], "all strings")
        #expect(arguments.count == 3)
    }

    @Test("passes template data on as it is written")
    func templateData() throws {
        let data = #"{"flag":true,"list":[1,null,"ż"],"price":12.10,"total":90071992547409931234}"#
        let request = try requests.send(
            outbound(.email, .dynamicTemplate(id: "d-1", subject: nil, dataJSON: data)), notAfter: nil)
        let body = String(decoding: request.body, as: UTF8.self)
        #expect(body.contains(#""flag":true,"list":[1,null,"ż"],"price":12.10,"total":90071992547409931234"#))
        #expect(body.contains(#""template_id":"d-1""#))
        #expect(!body.contains("subject"))
    }

    private func mail(_ message: OutboundMessage) throws -> [String: Any] {
        let request = try requests.send(message, notAfter: nil)
        return try #require(JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any])
    }
}

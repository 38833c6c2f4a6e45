using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Check;

/// <summary>Says what the answer of a server means.</summary>
internal sealed class AnswerJudge(SelectorManager selector, CheckSettings settings)
{
    private bool HasRequest => settings.Request.Length > 0;

    // Whether it may want one: in TLS 1.3, it says so only after the handshake of the client.
    private bool WantsCertificate => settings.UsesTls && settings.Dial.Tls.CertificateFile is null;

    public async Task<Verdict> JudgeAsync(Answer answer)
    {
        if (!settings.UsesTls && MayExpectTls(answer) && await new OtherProtocol(selector, settings).SpeaksTlsAsync())
        {
            return new Verdict(Fault.NeedsTls, $"The server speaks TLS, and waits for its handshake. Try {TlsAddress}.");
        }

        return answer.Count > 0 ? JudgeText(answer) : JudgeSilence(answer);
    }

    private string TlsAddress => settings.Address.Kind == AddressKind.Tcp ? $"tls://{settings.Address.HostAndPort}" : $"{settings.Address} --tls";

    // A server of TLS waits, ends the connection, sends an alert (RFC 8446, 5.1 and 6), or, if it is one of HTTP, an error in plain text.
    private static bool MayExpectTls(Answer answer) =>
        answer.Count == 0 || answer.FirstLine.StartsWith("\\x15\\x03", StringComparison.Ordinal) || answer.FirstLine.StartsWith("HTTP/1.1 400", StringComparison.Ordinal)
        || answer.FirstLine.StartsWith("HTTP/1.0 400", StringComparison.Ordinal);

    private static Verdict JudgeText(Answer answer) => answer.End switch
    {
        AnswerEnd.Reset => new Verdict(
            Fault.Reset, "The server answers, and then resets the connection: it has failed, or has not read all it was sent, and a part of the answer may be lost. See its log."),
        AnswerEnd.Failed => new Verdict(Fault.Tls, $"The server answers, and then TLS fails: {answer.Error}."),
        AnswerEnd.Closed => new Verdict(Fault.None, "The server answers, and closes the connection."),
        _ => new Verdict(Fault.None, "The server answers."),
    };

    private Verdict JudgeSilence(Answer answer) => answer.End switch
    {
        AnswerEnd.Closed => new Verdict(
            Fault.Closed,
            $"The server accepts the connection and closes it without a word: {(HasRequest ? "it does not like the request, or " : "")}{(WantsCertificate ? "it wants a client certificate (--cert), " : "")}" +
            "it does not take this client, has too many connections, expects a PROXY header (--proxy-header), or stands before a server that is down. See its log."),
        AnswerEnd.Reset => new Verdict(Fault.Reset, ConnectFault.ResetText),
        AnswerEnd.Failed => new Verdict(
            Fault.Tls,
            $"The server ends the connection after the TLS handshake: {answer.Error}. {(WantsCertificate ? "If it wants a client certificate, give one with --cert." : "It may not take the client certificate.")}"),
        _ when HasRequest => new Verdict(
            Fault.Silent, $"The server takes the request, but does not answer within {settings.Wait.TotalSeconds} s: it hangs, waits for more, or is slow (--wait)."),
        _ => new Verdict(
            Fault.None,
            "The server accepts connections and sends nothing by itself. Many servers wait for a request: send one to see whether it answers, such as --send 'GET / HTTP/1.0\\r\\n\\r\\n'."),
    };
}

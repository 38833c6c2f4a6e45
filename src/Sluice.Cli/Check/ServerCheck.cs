using System.Diagnostics;
using System.Net.Sockets;
using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Check;

/// <summary>Runs <c>sluice check</c>: follows the path to a server step by step, up to the first step that fails.</summary>
internal sealed class ServerCheck(CheckSettings settings)
{
    private readonly CheckOutput _output = new(settings.Json);
    private IReadOnlyList<string> _unreached = [];

    public async Task<int> RunAsync()
    {
        if (settings.UsesTls)
        {
            settings.Dial.Tls.CheckFiles();
        }

        await using SelectorManager selector = settings.Dial.Network.CreateSelector();
        Verdict verdict = await WalkAsync(selector);
        return _output.End(_unreached.Count == 0 ? verdict : verdict with
        {
            Text = $"{verdict.Text} Not every address works: a client that tries {string.Join(" or ", _unreached)} first waits longer, or fails.",
        });
    }

    private async Task<Verdict> WalkAsync(SelectorManager selector)
    {
        (StreamSocket? socket, Verdict? fault) = await ConnectAsync(selector);
        if (fault is not null)
        {
            return fault;
        }

        Connection? connection;
        if (settings.UsesTls)
        {
            (connection, fault) = await new TlsCheck(selector, settings, _output).RunAsync(socket!);
            if (fault is not null)
            {
                return fault;
            }
        }
        else
        {
            connection = socket!.OpenConnection();
        }

        // Closed before the answer is judged: that may take a second connection, and some servers serve one at a time.
        Answer answer;
        await using (connection)
        {
            long began = Stopwatch.GetTimestamp();
            answer = await Answer.ReadAsync(connection!, settings.Request, settings.Wait);
            bool isFault = answer.End is AnswerEnd.Reset or AnswerEnd.Failed || (answer.Count == 0 && (answer.End == AnswerEnd.Closed || settings.Request.Length > 0));
            _output.Step("answer", answer.Describe(settings.Wait), !isFault, Stopwatch.GetElapsedTime(began));
        }

        return await new AnswerJudge(selector, settings).JudgeAsync(answer);
    }

    private async Task<(StreamSocket? Socket, Verdict? Fault)> ConnectAsync(SelectorManager selector)
    {
        DialSettings dial = settings.Dial;
        if (dial.Via is not [var proxy, ..])
        {
            return await ReachAsync(selector, dial, settings.Address);
        }

        (StreamSocket? socket, Verdict? fault) = await ReachAsync(selector, dial with { Via = [], Header = null }, proxy.Address);
        if (fault is not null)
        {
            return (null, fault with { Fault = Fault.Proxy, Text = $"The proxy is the fault. {fault.Text}" });
        }

        await socket!.DisposeAsync();
        long began = Stopwatch.GetTimestamp();
        try
        {
            socket = await new Dialer(selector, dial).ConnectAsync(settings.Address, CancellationToken.None);
            _output.Step("proxy", "connected", ok: true, Stopwatch.GetElapsedTime(began), settings.Address.HostAndPort);
            return (socket, null);
        }
        catch (Exception exception) when (exception is SocketException or IOException or TimeoutException)
        {
            string reason = exception is TimeoutException ? "no answer" : exception.Message.TrimEnd('.');
            _output.Step("proxy", reason, ok: false, Stopwatch.GetElapsedTime(began), settings.Address.HostAndPort);
            return (null, new Verdict(Fault.Proxy, $"The proxy is there, but does not make the connection: {reason}. Check the server from the machine of the proxy."));
        }
    }

    private async Task<(StreamSocket? Socket, Verdict? Fault)> ReachAsync(SelectorManager selector, DialSettings dial, Address address)
    {
        var reach = new Reach(new Dialer(selector, dial), dial.Network, settings.Timeout, _output, new FamilyResolver(dial.Network.Family));
        (StreamSocket? Socket, Verdict? Fault) reached = await reach.RunAsync(address);
        _unreached = reached.Socket is null ? [] : reach.Unreached;
        return reached;
    }
}

using System.Diagnostics;
using System.Net;

namespace Sluice.Cli.Udp;

/// <summary>Runs <c>sluice udp</c>.</summary>
internal sealed class UdpTool(UdpArguments arguments)
{
    private readonly DatagramPrinter _printer = new(arguments.Hex, arguments.Json);

    public async Task<int> RunAsync()
    {
        using var signals = new StopSignals();
        await using SelectorManager selector = arguments.Network.CreateSelector();
        return arguments.Payload is { } bytes
            ? await SendAsync(selector, bytes, signals.Stopping)
            : await ReceiveAsync(selector, signals.Stopping);
    }

    private async Task<int> ReceiveAsync(SelectorManager selector, CancellationToken stopping)
    {
        await using DatagramSocket socket = await selector.Udp().BindAsync(
            arguments.Network.HostOf(arguments.Address), arguments.Address.Number, cancellationToken: stopping);
        foreach (IPAddress group in arguments.Groups)
        {
            socket.JoinGroup(group);
        }

        await Console.Error.WriteLineAsync($"Receiving at {socket.LocalEndPoint}{string.Concat(arguments.Groups.Select(group => $", group {group}"))}");
        int received = 0;
        try
        {
            await foreach (Datagram datagram in socket.ReceiveAllAsync(stopping))
            {
                using (datagram)
                {
                    _printer.Print(datagram.RemoteEndPoint, datagram.Payload.Span, elapsed: null);
                }

                if (++received == arguments.Count)
                {
                    return ExitCodes.Success;
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopped by a signal.
        }

        return ExitCodes.Success;
    }

    private async Task<int> SendAsync(SelectorManager selector, byte[] bytes, CancellationToken stopping)
    {
        // Not a connected socket: that would not receive the answers to a multicast.
        IPEndPoint target = (await arguments.Network.ResolveAsync(arguments.Address, stopping))[0];
        var any = new IPEndPoint(target.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        await using DatagramSocket socket = await selector.Udp().BindAsync(any, Configure, stopping);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        long sent = Stopwatch.GetTimestamp();
        int answers = 0;
        Task answering = AnswersAsync();
        try
        {
            for (int i = 0; i < (arguments.Count ?? 1); i++)
            {
                await Task.Delay(i == 0 ? TimeSpan.Zero : arguments.Interval, stopping);
                Volatile.Write(ref sent, Stopwatch.GetTimestamp());
                await socket.SendAsync(bytes, target, stopping);
            }

            ending.CancelAfter(arguments.Wait);
            await answering;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopped by a signal.
        }

        return Volatile.Read(ref answers) > 0 ? ExitCodes.Success : throw new TimeoutException($"No answer from {target}.");

        async Task AnswersAsync()
        {
            try
            {
                await foreach (Datagram datagram in socket.ReceiveAllAsync(ending.Token))
                {
                    using (datagram)
                    {
                        _printer.Print(datagram.RemoteEndPoint, datagram.Payload.Span, Stopwatch.GetElapsedTime(Volatile.Read(ref sent)));
                        Interlocked.Increment(ref answers);
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // The time for answers is over.
            }
        }
    }

    private void Configure(UdpSocketOptions options)
    {
        options.Broadcast = arguments.Broadcast;
        options.TimeToLive = arguments.TimeToLive;
        options.MulticastTimeToLive = arguments.TimeToLive;
    }
}

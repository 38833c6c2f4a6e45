using Sluice.Diagnostics;
using Sluice.Engine;
using Sluice.Scheduling;

namespace Sluice;

/// <summary>Describes an engine and its open sockets, without stopping anything.</summary>
internal static class Describer
{
    public static SelectorDescription Describe(SocketEngine engine, int maxSockets)
    {
        (IReadOnlyList<Transport> open, int count) = engine.Open.List(maxSockets);
        IScheduler[] schedulers = [.. engine.Schedulers];
        return new SelectorDescription(
            engine.Kind,
            [.. engine.Statistics.Select((statistics, number) => Describe(number, statistics))],
            [.. open.Select(transport => Describe(transport, schedulers, hasLoops: engine.Kind == SelectorEngine.Epoll))],
            count);
    }

    private static LoopDescription Describe(int number, LoopStatistics loop) =>
        new(number, loop.Activity, loop.Queued, loop.Turns, loop.Awake, loop.Handoffs);

    private static SocketDescription Describe(Transport transport, IScheduler[] schedulers, bool hasLoops)
    {
        int loop = hasLoops ? Array.IndexOf(schedulers, transport.RunsOn) : -1;
        (string? waitsFor, TimeSpan since) = transport.Wait;
        (long received, long sent) = transport.Owner?.Bytes ?? default;
        return new SocketDescription(
            transport.KindName,
            loop < 0 ? null : loop,
            LocalOf(transport),
            transport.Peer?.ToString(),
            (transport.Owner as StreamSocket)?.Tls?.Protocol.ToString(),
            waitsFor,
            waitsFor is null ? null : since,
            received,
            sent);
    }

    private static string? LocalOf(Transport transport)
    {
        try
        {
            return transport.LocalEndPoint.ToString();
        }
        catch (Exception exception) when (exception is ObjectDisposedException or System.Net.Sockets.SocketException)
        {
            return null;
        }
    }
}

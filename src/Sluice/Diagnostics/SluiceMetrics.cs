using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Authentication;

namespace Sluice.Diagnostics;

/// <summary>
/// Represents the instruments of the meter "Sluice", for all managers that share it. Values that change with each message are counted in any case, and only
/// observed by the instruments. The other instruments cost one check for listeners at each connection.
/// </summary>
internal sealed class SluiceMetrics
{
    public const string MeterName = "Sluice";

    // The boundaries of http.server.request.duration in OpenTelemetry's conventions, for handshakes, and those of kestrel.connection.duration.
    private static readonly double[] s_shortSeconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
    private static readonly double[] s_longSeconds = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];

    private static readonly ConditionalWeakTable<Meter, SluiceMetrics> s_all = [];
    private static readonly Lazy<Meter> s_ownMeter = new(() => new Meter(MeterName, typeof(SluiceMetrics).Assembly.GetName().Version?.ToString(3)));

    private ImmutableArray<IMeteredEngine> _engines = [];

    private SluiceMetrics(Meter meter)
    {
        ActiveConnections = meter.CreateUpDownCounter<long>("sluice.active_connections", "{connection}", "Connections that are open.");
        AcceptedConnections = meter.CreateCounter<long>("sluice.accepted_connections", "{connection}", "Connections that listeners have accepted.");
        RejectedConnections = meter.CreateCounter<long>(
            "sluice.rejected_connections", "{connection}", "Connections that were accepted and closed without being served; error.type is the reason.");
        FailedConnections = meter.CreateCounter<long>(
            "sluice.failed_connections", "{connection}", "Connections that could not be made; error.type is the reason.");
        DroppedSockets = meter.CreateCounter<long>(
            "sluice.dropped_sockets", "{socket}", "Sockets that were not disposed of, and closed by a finalizer.");
        DroppedMessages = meter.CreateCounter<long>(
            "sluice.outbox.dropped_messages", "{message}", "Messages that outboxes have dropped; sluice.reason says why.");
        ConnectionDuration = meter.CreateHistogram(
            "sluice.connection.duration", "s", "The duration of connections.", tags: null, Advice(s_longSeconds));
        ActiveTlsHandshakes = meter.CreateUpDownCounter<long>("sluice.active_tls_handshakes", "{handshake}", "TLS handshakes in progress.");
        TlsHandshakeDuration = meter.CreateHistogram(
            "sluice.tls_handshake.duration", "s", "The duration of TLS handshakes.", tags: null, Advice(s_shortSeconds));
        meter.CreateObservableCounter("sluice.network.io", ObserveBytes, "By", "Bytes that connections have read and written; with TLS, the bytes of records.");
        meter.CreateObservableGauge("sluice.loop.utilization", ObserveUtilization, "1", "The share of time in which an event loop did not sleep.");
        meter.CreateObservableCounter("sluice.loop.turns", () => ObserveLoops(loop => loop.Turns), "{turn}", "Rounds of an event loop.");
        meter.CreateObservableCounter(
            "sluice.loop.handoffs", () => ObserveLoops(loop => loop.Handoffs), "{handoff}", "Times that an event loop continued on another thread because a handler blocked it.");
        meter.CreateObservableUpDownCounter(
            "sluice.loop.queued", () => ObserveLoops(loop => loop.Queued), "{continuation}", "Continuations that wait to run on an event loop.");
        meter.CreateObservableUpDownCounter(
            "sluice.rented_buffers", BufferCounter.Observe, "{buffer}", "Buffers that channels hold, of those rented since the first observation.");
    }

    public UpDownCounter<long> ActiveConnections { get; }

    public Counter<long> AcceptedConnections { get; }

    public Counter<long> RejectedConnections { get; }

    public Counter<long> FailedConnections { get; }

    public Counter<long> DroppedSockets { get; }

    public Counter<long> DroppedMessages { get; }

    public Histogram<double> ConnectionDuration { get; }

    public UpDownCounter<long> ActiveTlsHandshakes { get; }

    public Histogram<double> TlsHandshakeDuration { get; }

    /// <summary>Gets the engines of the managers that share the instruments.</summary>
    public IReadOnlyList<IMeteredEngine> Engines => _engines;

    /// <summary>Gets the instruments of a meter, which are created once for each meter.</summary>
    public static SluiceMetrics For(IMeterFactory? factory) =>
        s_all.GetValue(factory?.Create(MeterName) ?? s_ownMeter.Value, static meter => new SluiceMetrics(meter));

    /// <summary>Gets the <c>error.type</c> of a failure, as in OpenTelemetry's conventions.</summary>
    public static string ErrorType(Exception exception) => exception switch
    {
        SocketException socket => socket.SocketErrorCode.ToString(),
        IOException { InnerException: SocketException socket } => socket.SocketErrorCode.ToString(),
        TimeoutException or IOException { InnerException: TimeoutException } => "timeout",
        AuthenticationException => "tls_handshake",
        _ => exception.GetType().FullName!,
    };

    public void Watch(IMeteredEngine engine) => ImmutableInterlocked.Update(ref _engines, static (all, one) => all.Add(one), engine);

    public void Unwatch(IMeteredEngine engine) => ImmutableInterlocked.Update(ref _engines, static (all, one) => all.Remove(one), engine);

    public void Reject(string errorType)
    {
        if (RejectedConnections.Enabled)
        {
            RejectedConnections.Add(1, new KeyValuePair<string, object?>("error.type", errorType));
        }
    }

    public void Fail(Exception exception)
    {
        if (FailedConnections.Enabled)
        {
            FailedConnections.Add(1, new KeyValuePair<string, object?>("error.type", ErrorType(exception)));
        }
    }

    public void Drop(string kind)
    {
        if (DroppedSockets.Enabled)
        {
            DroppedSockets.Add(1, new KeyValuePair<string, object?>("sluice.kind", kind));
        }
    }

    /// <summary>Gets a value indicating whether a listener counts dropped messages.</summary>
    public bool IsCountingDroppedMessages => DroppedMessages.Enabled;

    public void DropMessages(int count, string reason)
    {
        if (DroppedMessages.Enabled)
        {
            DroppedMessages.Add(count, new KeyValuePair<string, object?>("sluice.reason", reason));
        }
    }

    private static InstrumentAdvice<double> Advice(double[] boundaries) => new() { HistogramBucketBoundaries = boundaries };

    private IEnumerable<Measurement<long>> ObserveBytes()
    {
        long received = 0;
        long sent = 0;
        foreach (IMeteredEngine engine in _engines)
        {
            (long In, long Out) bytes = engine.CountBytes();
            received += bytes.In;
            sent += bytes.Out;
        }

        yield return new Measurement<long>(received, new KeyValuePair<string, object?>("network.io.direction", "receive"));
        yield return new Measurement<long>(sent, new KeyValuePair<string, object?>("network.io.direction", "transmit"));
    }

    private IEnumerable<Measurement<double>> ObserveUtilization() =>
        Loops().Select(loop => new Measurement<double>(loop.Statistics.TakeUtilization(Stopwatch.GetTimestamp()), Tag(loop.Number)));

    private IEnumerable<Measurement<long>> ObserveLoops(Func<LoopStatistics, long> value) =>
        Loops().Select(loop => new Measurement<long>(value(loop.Statistics), Tag(loop.Number)));

    private IEnumerable<(int Number, LoopStatistics Statistics)> Loops() =>
        _engines.SelectMany(engine => engine.Statistics).Select((statistics, number) => (number, statistics));

    private static KeyValuePair<string, object?> Tag(int loop) => new("sluice.loop", loop);
}

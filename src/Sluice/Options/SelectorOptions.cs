using System.Buffers;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Options;

namespace Sluice;

/// <summary>Represents the options of a <see cref="SelectorManager"/>. They are read once, when it is created.</summary>
public sealed class SelectorOptions
{
    /// <summary>The environment variable that overrides <see cref="SelectorEngine.Auto"/>.</summary>
    internal const string EngineVariable = "SLUICE_ENGINE";

#if DEBUG
    private const bool CapturesByDefault = true;
#else
    private const bool CapturesByDefault = false;
#endif

    /// <summary>Gets or sets the engine that drives the sockets. Default: <see cref="SelectorEngine.Auto"/>.</summary>
    public SelectorEngine Engine
    {
        get;
        set => field = OptionBounds.Defined(value);
    } = SelectorEngine.Auto;

    /// <summary>
    /// Gets or sets the number of event loops of the epoll engine; with <see cref="ElasticLoops"/>, the most that serve connections at the
    /// same time. Default: <see cref="Environment.ProcessorCount"/>.
    /// </summary>
    public int LoopCount
    {
        get;
        set => field = OptionBounds.InRange(value, 1, 1024);
    } = Environment.ProcessorCount;

    /// <summary>
    /// Gets or sets a value indicating whether the number of loops that serve connections follows the work: connections gather on one loop,
    /// spread over more when that one is saturated and spreading gets more done, and gather again. A connection moves between two of its turns,
    /// and keeps its order. If false, connections are dealt out to all loops in turn, and stay. Default: true.
    /// </summary>
    public bool ElasticLoops { get; set; } = true;

    /// <summary>Gets or sets where code continues after an <see langword="await"/>. Default: <see cref="ContinuationScheduling.Inline"/>.</summary>
    public ContinuationScheduling ContinuationScheduling
    {
        get;
        set => field = OptionBounds.Defined(value);
    } = ContinuationScheduling.Inline;

    /// <summary>
    /// Gets or sets how long a continuation may block an event loop before the loop continues on another thread and sends what was written.
    /// <see cref="Timeout.InfiniteTimeSpan"/> disables this. Default: 3 ms. The delay of the detection is at most 1 ms or a third of the time; if no loop was
    /// blocked for a second, it is at most 5 ms or half of the time.
    /// </summary>
    public TimeSpan HandoffAfter
    {
        get;
        set => field = Durations.ThrowIfNotPositive(value, allowInfinite: true);
    } = TimeSpan.FromMilliseconds(3);

    /// <summary>
    /// Gets or sets how long an event loop polls before it sleeps, while events arrive in quick succession and polling finds them. An idle loop sleeps at
    /// once. <see cref="TimeSpan.Zero"/> disables this. Default: 20 µs.
    /// </summary>
    public TimeSpan SpinDuration
    {
        get;
        set => field = OptionBounds.InRange(value, TimeSpan.Zero, TimeSpan.FromMilliseconds(10));
    } = TimeSpan.FromMicroseconds(20);

    /// <summary>
    /// Gets or sets the pool that channels rent buffers from. Default: null, the shared array pool, which allocates nothing in the steady state. A pool may
    /// block, which delays only the call that needs memory. If a pool throws, that call throws; it has written nothing, and no received byte is lost. Blocks
    /// are returned on any thread, and exceptions of their disposal are logged. The pool is never disposed of.
    /// </summary>
    public MemoryPool<byte>? BufferPool { get; set; }

    /// <summary>
    /// Gets or sets the resolver of names for everything that binds or connects, except for listeners at <c>localhost</c>. Default: null, the system
    /// (<see cref="System.Net.Dns"/>), on a few threads of its own, because its call blocks.
    /// </summary>
    public INameResolver? NameResolver { get; set; }

    /// <summary>Gets or sets the clock of timeouts, delays between attempts to connect, drains and back-offs. Default: <see cref="TimeProvider.System"/>.</summary>
    public TimeProvider TimeProvider
    {
        get;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    } = TimeProvider.System;

    /// <summary>
    /// Gets or sets the factory of the meter <c>Sluice</c>, whose instruments docs/telemetry.md lists. Default: null, one meter for the process.
    /// </summary>
    public IMeterFactory? MeterFactory { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether each socket keeps the stack trace of its opening, for the log message about a socket that was dropped without a
    /// disposal (<c>SocketDropped</c>; the garbage collector closes such a socket). It takes tens of microseconds for each socket. Default: false, unless the
    /// switch <c>Sluice.CaptureOpenStackTraces</c> of <see cref="AppContext"/> is on; in a Debug build of Sluice, true.
    /// </summary>
    public bool CaptureOpenStackTraces { get; set; } = CapturesByDefault || IsSwitchedOn("Sluice.CaptureOpenStackTraces");

    /// <summary>Whether a dropped socket stays open until the manager is disposed of. For programs that drop sockets on purpose.</summary>
    internal bool KeepsDroppedSockets { get; set; } = IsSwitchedOn("Sluice.KeepDroppedSockets");

    /// <summary>Gets or sets the factory of the logger, whose category is <c>Sluice</c>. Default: no logging.</summary>
    public ILoggerFactory LoggerFactory
    {
        get;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    } = NullLoggerFactory.Instance;

    private static bool IsSwitchedOn(string name) => AppContext.TryGetSwitch(name, out bool isOn) && isOn;
}

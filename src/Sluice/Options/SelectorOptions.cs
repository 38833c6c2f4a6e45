using System.Buffers;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Options;

namespace Sluice;

/// <summary>How a <see cref="SelectorManager"/> works. Read once, when it is created.</summary>
public sealed class SelectorOptions
{
    /// <summary>The environment variable that overrides <see cref="SelectorEngine.Auto"/>.</summary>
    internal const string EngineVariable = "SLUICE_ENGINE";

#if DEBUG
    private const bool CapturesByDefault = true;
#else
    private const bool CapturesByDefault = false;
#endif

    /// <summary>What drives the sockets. Default: <see cref="SelectorEngine.Auto"/>.</summary>
    public SelectorEngine Engine
    {
        get;
        set => field = OptionBounds.Defined(value);
    } = SelectorEngine.Auto;

    /// <summary>How many event loops the epoll engine runs. Default: <see cref="Environment.ProcessorCount"/>.</summary>
    public int LoopCount
    {
        get;
        set => field = OptionBounds.InRange(value, 1, 1024);
    } = Environment.ProcessorCount;

    /// <summary>Where code goes on after an <see langword="await"/>. Default: <see cref="ContinuationScheduling.Inline"/>.</summary>
    public ContinuationScheduling ContinuationScheduling
    {
        get;
        set => field = OptionBounds.Defined(value);
    } = ContinuationScheduling.Inline;

    /// <summary>
    /// How long a continuation may hold an event loop before the loop goes on on another thread, and what it has written is sent.
    /// <see cref="Timeout.InfiniteTimeSpan"/> turns that off. Default: 3 ms. Detected within 1 ms or a third as much again; within 5 ms or
    /// half as much where it has not happened for a second.
    /// </summary>
    public TimeSpan HandoffAfter
    {
        get;
        set => field = Durations.ThrowIfNotPositive(value, allowInfinite: true);
    } = TimeSpan.FromMilliseconds(3);

    /// <summary>
    /// How long an event loop looks again before it sleeps, while events follow each other closely and looking again has found
    /// some. An idle loop sleeps at once.
    /// <see cref="TimeSpan.Zero"/> turns that off. Default: 20 µs.
    /// </summary>
    public TimeSpan SpinDuration
    {
        get;
        set => field = OptionBounds.InRange(value, TimeSpan.Zero, TimeSpan.FromMilliseconds(10));
    } = TimeSpan.FromMicroseconds(20);

    /// <summary>
    /// Where channels rent their buffers. Default: null, the shared array pool, from which renting allocates nothing in the steady state.
    /// A pool may block: that holds up the call that needs memory, and nothing else. One that throws makes that call throw; nothing of what it
    /// was to write is written, and no byte that was to be read is lost. Blocks come back on any thread, and what their disposal throws is
    /// logged. The pool is never disposed of.
    /// </summary>
    public MemoryPool<byte>? BufferPool { get; set; }

    /// <summary>
    /// Who is asked for the addresses of names, by everything that binds or connects; for the name of a listener at <c>localhost</c>, nobody is. Default: null, the
    /// system (<see cref="System.Net.Dns"/>), on a few threads that are there for nothing else, since its call blocks.
    /// </summary>
    public INameResolver? NameResolver { get; set; }

    /// <summary>The clock of timeouts, of the delay between attempts to connect, of drain and back-off. Default: <see cref="TimeProvider.System"/>.</summary>
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
    /// Who makes the meter <c>Sluice</c>, whose instruments docs/telemetry.md lists. Default: null, one meter for the process.
    /// </summary>
    public IMeterFactory? MeterFactory { get; set; }

    /// <summary>
    /// Whether each socket keeps the stack at which it was opened, so that the log can tell where one comes from that was dropped without being
    /// disposed of (<c>SocketDropped</c>; it is closed then, once the garbage collector finds it). Takes tens of microseconds a socket. Default:
    /// false, unless the switch <c>Sluice.CaptureOpenStackTraces</c> of <see cref="AppContext"/> is on; in a Debug build of Sluice, true.
    /// </summary>
    public bool CaptureOpenStackTraces { get; set; } = CapturesByDefault || IsSwitchedOn("Sluice.CaptureOpenStackTraces");

    /// <summary>Whether a socket that is dropped stays open until the manager is disposed of. For programs that drop sockets on purpose.</summary>
    internal bool KeepsDroppedSockets { get; set; } = IsSwitchedOn("Sluice.KeepDroppedSockets");

    /// <summary>Who is told what goes wrong, in the category <c>Sluice</c>. Default: nobody.</summary>
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

namespace Sluice.Testing;

/// <summary>Represents the options of <see cref="Simulation"/>.</summary>
public sealed class SimulationOptions
{
    /// <summary>The default of <see cref="TimeLimit"/>: a day.</summary>
    public static readonly TimeSpan DefaultTimeLimit = TimeSpan.FromDays(1);

    /// <summary>The default of <see cref="RealTimeLimit"/>: 30 seconds.</summary>
    public static readonly TimeSpan DefaultRealTimeLimit = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets the first seed; the others follow it. Default: 1.</summary>
    public ulong FirstSeed { get; set; } = 1;

    /// <summary>Gets or sets how the seed decides what runs next. Default: <see cref="SimulationSchedule.Random"/>.</summary>
    public SimulationSchedule Schedule { get; set; }

    /// <summary>Gets or sets how long a run may take in virtual time. Default: <see cref="DefaultTimeLimit"/>.</summary>
    public TimeSpan TimeLimit
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            field = value;
        }
    } = DefaultTimeLimit;

    /// <summary>
    /// Gets or sets how long a run may take in real time. A run that takes longer has failed, even if its code blocks the thread, which is then left alone.
    /// A wait that blocks the thread is a failure after a thirtieth of it, so that a longer limit also suits a busy machine. Default: <see cref="DefaultRealTimeLimit"/>.
    /// </summary>
    public TimeSpan RealTimeLimit
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            field = value;
        }
    } = DefaultRealTimeLimit;

    /// <summary>
    /// Gets or sets a value indicating whether code may use the queue that all threads of the thread pool share, as Kestrel and <see cref="ThreadPool.QueueUserWorkItem(WaitCallback)"/>
    /// do. A thread of the pool then runs such work while that of the simulation waits, one piece at a time and when the seed says, so that a seed still repeats a run. Work that
    /// blocks, or that the pool has no thread for, is a failure after a third of <see cref="RealTimeLimit"/>. While such a simulation runs, the events are on with which the
    /// runtime traces its thread pool, for the whole process. Default: false, and such work is a failure.
    /// </summary>
    public bool JoinsThreadPool { get; set; }

    /// <summary>Gets or sets how many events a trace keeps, the last ones. Default: 2,000.</summary>
    public int TraceCapacity
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = 2000;

    /// <summary>
    /// Gets or sets a value indicating whether the first seed runs twice, and the test fails if the two runs differ: its code then depends on something that
    /// the seed does not decide, such as the time of day or a hash code. Default: true.
    /// </summary>
    public bool ChecksDeterminism { get; set; } = true;
}

using System.Diagnostics;

namespace Cluster.Load;

/// <summary>How long a client of a node that died had to wait.</summary>
internal sealed class Outage
{
    private readonly long _since = Stopwatch.GetTimestamp();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The time until another node had greeted it; null before that.</summary>
    public TimeSpan? Greeted { get; private set; }

    /// <summary>The time until a message of it was acknowledged again.</summary>
    public TimeSpan Served { get; private set; }

    public Task Ended => _ended.Task;

    public void NoteGreeting() => Greeted ??= Stopwatch.GetElapsedTime(_since);

    public void NoteAcknowledgement()
    {
        if (Greeted is not null && !_ended.Task.IsCompleted)
        {
            Served = Stopwatch.GetElapsedTime(_since);
            _ended.SetResult();
        }
    }
}

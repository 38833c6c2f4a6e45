using System.Buffers;
using Sluice.Channels.Writing;
using Sluice.Scheduling;

namespace Sluice.Tests.Channels.Writing;

/// <summary>A sink that takes all bytes of its first sends at once, and then fails.</summary>
internal sealed class FailingSink(int sends, Exception? failure = null) : IByteSink
{
    private int _sends;

    public IScheduler Scheduler => ThreadPoolScheduler.Instance;

    public string ClosedName => nameof(FailingSink);

    public ReadinessEvent CreateProgressEvent() => new(Scheduler);

    public int TrySend(in ReadOnlySequence<byte> bytes, ISinkClient client, out bool pending)
    {
        pending = false;
        return ++_sends <= sends ? (int)bytes.Length : throw failure ?? new IOException("The connection was reset.");
    }

    public Exception SendTimeout() => new TimeoutException();

    public void ShutdownOutput()
    {
    }

    public void AbortOutput(Exception cause)
    {
    }
}

using System.Buffers;
using System.Diagnostics;
using Sluice.Diagnostics;
using Sluice.Scheduling;

namespace Sluice.Channels.Writing;

/// <summary>Takes all the bytes of a send, and completes a task when it has them.</summary>
internal abstract class TaskSink(IScheduler? scheduler = null) : IByteSink
{
    public abstract string ClosedName { get; }

    public virtual TimeProvider TimeProvider => TimeProvider.System;

    public virtual TimeSpan CloseTimeout => StreamSocketOptions.DefaultCloseTimeout;

    public abstract bool HasLostReader(IOException failure);

    public IScheduler Scheduler { get; } = scheduler ?? ThreadPoolScheduler.Instance;

    public virtual bool CallsUserCode => false;

    public virtual ReadinessEvent CreateProgressEvent() => new(Scheduler);

    public int TrySend(in ReadOnlySequence<byte> bytes, ISinkClient client, out bool pending)
    {
        int count = (int)Math.Min(bytes.Length, int.MaxValue);
        Task sending = SendAsync(bytes.Slice(0, count));
        pending = !sending.IsCompleted;
        if (pending)
        {
            _ = ReportAsync(sending, count, client);
            return 0;
        }

        return sending.IsCompletedSuccessfully ? count : throw Failure(sending);
    }

    public virtual string? PeerName => null;

    public virtual ObjectDisposedException Closed() => new(ClosedName);

    public virtual Exception SendTimeout() => throw new UnreachableException();

    public abstract void ShutdownOutput();

    public abstract void AbortOutput(Exception cause);

    /// <summary>Takes the bytes, which stay unchanged until the task completes.</summary>
    protected abstract Task SendAsync(ReadOnlySequence<byte> bytes);

    private static async Task ReportAsync(Task sending, int count, ISinkClient client)
    {
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (sending.IsCompletedSuccessfully)
        {
            client.OnSinkReady(count, null);
        }
        else
        {
            client.OnSinkReady(0, Failure(sending));
        }
    }

    // A user's stream may throw anything. For the channel that is a failed transfer.
    private static IOException Failure(Task sending)
    {
        Exception cause = sending.Exception?.InnerException ?? new OperationCanceledException("The write was canceled.");
        return cause as IOException ?? new IOException(ExceptionText.Of(cause), cause);
    }
}

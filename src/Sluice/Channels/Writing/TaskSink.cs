using System.Buffers;
using System.Diagnostics;
using Sluice.Scheduling;

namespace Sluice.Channels.Writing;

/// <summary>A sink that takes all it is given, in its own time.</summary>
internal abstract class TaskSink(IScheduler? scheduler = null) : IByteSink
{
    public abstract string ClosedName { get; }

    public virtual TimeProvider TimeProvider => TimeProvider.System;

    public virtual TimeSpan CloseTimeout => StreamSocketOptions.DefaultCloseTimeout;

    public abstract bool HasLostReader(IOException failure);

    public IScheduler Scheduler { get; } = scheduler ?? ThreadPoolScheduler.Instance;

    public virtual bool CallsUserCode => false;

    public ReadinessEvent CreateProgressEvent() => new(Scheduler);

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

    public Exception SendTimeout() => throw new UnreachableException();

    public abstract void ShutdownOutput();

    public abstract void AbortOutput(Exception cause);

    /// <summary>Takes the bytes, which stay as they are until that is done.</summary>
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

    // Whatever somebody's stream throws: for the channel it is a failed transfer.
    private static IOException Failure(Task sending)
    {
        Exception cause = sending.Exception?.InnerException ?? new OperationCanceledException("The write was cancelled.");
        return cause as IOException ?? new IOException(cause.Message, cause);
    }
}

using System.Buffers;
using Sluice.Scheduling;

namespace Sluice.Channels.Writing;

/// <summary>Sending.</summary>
internal sealed partial class SendQueue : ISinkClient
{
    // Who is called back: this, or what comes to this in a stay in user code.
    private readonly ISinkClient _client;
    private ReadinessEvent? _progress;
    private long _sent;
    private long _awaited = long.MaxValue;
    private bool _sending;
    private bool _flushScheduled;

    /// <summary>
    /// Where the writer waits until <see cref="IsFlushedOrArms"/>, which said false, is worth another look. Null if none ever had to.
    /// </summary>
    public ReadinessEvent? Progress => Volatile.Read(ref _progress);

    /// <summary>Sends what the sink takes of <paramref name="bytes"/> at once, without a copy, if nothing waits before them.</summary>
    /// <returns>How many of them that was.</returns>
    public int TrySendDirect(ReadOnlySpan<byte> bytes)
    {
        lock (_queue)
        {
            // After the end, which another thread may have told just now, the system would call the peer's doing what is ours.
            if (_sending || IsCompleted || Failure is not null || !IsEmpty)
            {
                return 0;
            }

            _sending = true;
        }

        int sent = 0;
        Exception? failure = null;
        try
        {
            sent = _sink.TrySendDirect(bytes);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            failure = exception;
        }

        lock (_queue)
        {
            _sending = false;
            Written += sent;
            _sent += sent;
        }

        if (failure is not null)
        {
            Fail(failure);
        }
        else if (IsCompleted || IsClosed)
        {
            // Whoever wanted to end it meanwhile has left that to us.
            Send();
        }

        return sent;
    }

    /// <summary>
    /// Sends until all is sent or the sink is full. Never throws: a failure is kept. Where <see cref="CallsUserCode"/>, only in a stay in user
    /// code, or on a thread that runs no loop.
    /// </summary>
    public void Send(bool flushScheduled = false)
    {
        ReadOnlySequence<byte> bytes;
        IExternalPayload? payload;
        Step step;
        using (Enter())
        {
            if (flushScheduled)
            {
                _flushScheduled = false;
            }

            if (_sending)
            {
                return;
            }

            step = Take(out bytes, out payload);
        }

        try
        {
            while (step == Step.Send)
            {
                int sent = payload is null ? _sink.TrySend(bytes, _client, out bool pending) : payload.TrySend(_client, out pending);
                if (pending)
                {
                    // Still sending: the call back goes on, perhaps at this very moment.
                    return;
                }

                using (Enter())
                {
                    _sending = false;
                    Sent(sent);
                    step = Take(out bytes, out payload);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            OnSinkReady(0, exception);
            return;
        }

        if (step == Step.TellEnd)
        {
            TellEnd();
        }
    }

    public void OnSinkReady(int sent, Exception? error)
    {
        using (Enter())
        {
            _sending = false;
            Sent(sent);
        }

        if (error is null)
        {
            Send();
        }
        else
        {
            Fail(error);
        }
    }

    /// <summary>
    /// Whether so many bytes are sent. If not, or if the writer is to give way all the same, <see cref="Progress"/> is signalled when they
    /// are, or when there is no use in waiting.
    /// </summary>
    public bool IsFlushedOrArms(long count, bool giveWay)
    {
        while (true)
        {
            lock (_queue)
            {
                bool reached = _sent >= count && Failure is null && !IsEndToBeTold;
                if (reached && !giveWay)
                {
                    _awaited = long.MaxValue;
                    return true;
                }

                if (_progress is { } progress)
                {
                    _awaited = count;
                    progress.TryConsume();
                    if (reached || IsClosed || Failure is not null)
                    {
                        progress.Set();
                    }

                    return false;
                }
            }

            // Outside the lock: a timeout is the business of a clock that may be the user's. The one writer alone comes here.
            Volatile.Write(ref _progress, _sink.CreateProgressEvent());
        }
    }

    // The rest runs in the lock.

    // What has to be done: to send this, which then is being sent; to tell the peer that it was all; or nothing.
    private Step Take(out ReadOnlySequence<byte> bytes, out IExternalPayload? payload)
    {
        bytes = default;
        payload = _external;
        if (Failure is not null)
        {
            ClearIfUnused();
            return Step.None;
        }

        if (IsEmpty)
        {
            return TakeEnd();
        }

        bytes = _queue.Bytes;
        _sending = true;
        return Step.Send;
    }

    private void Sent(int count)
    {
        if (count == 0)
        {
            return;
        }

        _sent += count;
        if (_external is null)
        {
            _queue.Consume(count);
        }
        else if (_external.Length == 0)
        {
            DropExternal();
        }

        if (_sent >= _awaited)
        {
            _progress?.Set();
        }
        else
        {
            _progress?.ReportProgress();
        }
    }

    private enum Step
    {
        None,
        Send,
        TellEnd,
    }

    /// <summary>
    /// Who is called back where what follows gives memory back to a user's pool: engines call back on a loop between turns, where no code of the
    /// user's may run. One send is under way at a time, so this needs room for one call.
    /// </summary>
    private sealed class StayClient(SendQueue queue) : ISinkClient, IRunnable
    {
        private int _sent;
        private Exception? _error;

        public void OnSinkReady(int sent, Exception? error)
        {
            _sent = sent;
            _error = error;
            queue._sink.Scheduler.Schedule(this);
        }

        public void Run()
        {
            Exception? error = _error;
            _error = null;
            queue.OnSinkReady(_sent, error);
        }

        void IThreadPoolWorkItem.Execute() => queue._sink.Scheduler.RunOnPoolThread(this);
    }
}

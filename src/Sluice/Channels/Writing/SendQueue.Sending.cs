using System.Buffers;
using Sluice.Diagnostics;
using Sluice.Scheduling;

namespace Sluice.Channels.Writing;

// Sending: what the holder of the sender role does outside the lock.
internal sealed partial class SendQueue : ISinkClient
{
    // The object that the sink calls back: this, or one that continues in a turn.
    private readonly ISinkClient _client;

    // Guarded by the lock: the sender role. It stays taken while the sink is full, until the call back.
    private bool _sending;

    // Guarded by the lock.
    private long _sent;

    /// <summary>Sends what the sink takes of <paramref name="bytes"/> at once, without a copy, if nothing waits before them.</summary>
    /// <returns>The number of bytes sent.</returns>
    public int TrySendDirect(ReadOnlySpan<byte> bytes)
    {
        lock (_queue)
        {
            // A send after the end, which another thread may just have told, fails with an error that reads as if the peer had caused it.
            if (_sending || !CanAppend || !IsEmpty)
            {
                return 0;
            }

            _sending = true;
        }

        int sent = 0;
        Exception? failure = null;
        try
        {
            sent = Sink.TrySendDirect(bytes);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            failure = AsFailure(exception);
        }

        bool isMore;
        lock (_queue)
        {
            _sending = false;
            AddWritten(sent);
            _sent += sent;
            isMore = _isCompleted || _isClosed;
        }

        if (failure is not null)
        {
            Fail(failure);
        }
        else if (isMore)
        {
            // The thread that completed or closed the queue during the send left the rest to this one.
            Send();
        }

        return sent;
    }

    /// <summary>
    /// Sends until all is sent or the sink is full. Never throws: a failure is kept for the writer. Where <see cref="CallsUserCode"/>, call it
    /// only in a turn, or on a thread that runs no loop.
    /// </summary>
    public void Send()
    {
        Step step;
        ReadOnlySequence<byte> bytes;
        IExternalPayload? payload;
        using (Enter())
        {
            step = TryTake(out bytes, out payload);
        }

        Continue(step, bytes, payload);
    }

    public void OnSinkReady(int sent, Exception? error)
    {
        using (Enter())
        {
            _sending = false;
            AddSent(sent);
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

    private void Continue(Step step, ReadOnlySequence<byte> bytes, IExternalPayload? payload)
    {
        try
        {
            while (step == Step.Send)
            {
                int sent = payload is null ? Sink.TrySend(bytes, _client, out bool pending) : payload.TrySend(_client, out pending);
                if (pending)
                {
                    // The call back goes on, perhaps at this very moment: it has the sender role now.
                    return;
                }

                using (Enter())
                {
                    _sending = false;
                    AddSent(sent);
                    step = TryTake(out bytes, out payload);
                }
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            OnSinkReady(0, AsFailure(exception));
            return;
        }

        if (step == Step.TellEnd)
        {
            TellEnd();
        }
    }

    // Any exception ends the output: with the sender role taken, no later flush would end.
    private static Exception AsFailure(Exception exception) =>
        exception is IOException or ObjectDisposedException ? exception : new IOException(ExceptionText.Of(exception), exception);

    // The rest runs in the lock.

    // Takes the next step for the caller: to send the bytes or the payload, in the sender role; to tell the peer of the end; or nothing.
    private Step TryTake(out ReadOnlySequence<byte> bytes, out IExternalPayload? payload)
    {
        bytes = default;
        payload = _external;
        if (_sending)
        {
            return Step.None;
        }

        if (_failure is not null)
        {
            ClearIfUnused();
            return Step.None;
        }

        if (HasMessages)
        {
            TakeMessages(Limit);
        }

        if (IsEmpty)
        {
            // Messages that are left wait for a write to end.
            return HasMessages ? Step.None : TakeEnd();
        }

        bytes = _queue.Bytes;
        _sending = true;
        return Step.Send;
    }

    private void AddSent(int count)
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

        ReportProgress();
    }

    private enum Step
    {
        None,
        Send,
        TellEnd,
    }

    /// <summary>
    /// Takes the sink's call back to a turn. Engines call back on a loop between turns, where no user code may run, and what follows returns
    /// memory to a user's pool. One send is under way at a time, so this has room for one call.
    /// </summary>
    private sealed class TurnClient(SendQueue queue) : ISinkClient, IRunnable
    {
        // Belong to the sender role.
        private int _sent;
        private Exception? _error;

        public void OnSinkReady(int sent, Exception? error)
        {
            _sent = sent;
            _error = error;
            queue.Sink.Scheduler.Schedule(this);
        }

        public void Run()
        {
            Exception? error = _error;
            _error = null;
            queue.OnSinkReady(_sent, error);
        }

        void IThreadPoolWorkItem.Execute() => queue.Sink.Scheduler.RunOnPoolThread(this);
    }
}

using System.Buffers;
using Sluice.Client.Requests;
using Sluice.Scheduling;

namespace Sluice.Client;

// How requests end without a reply, and how the channel ends.
public sealed partial class RequestChannel<TRequest, TReply>
{
    // No timer is set anew before this much time has passed, so that many requests with deadlines close to each other share one.
    private static readonly TimeSpan s_resolution = TimeSpan.FromMilliseconds(10);

    private readonly SharedTimer _deadline;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Set before the channel is handed out.
    private Task _reading = Task.CompletedTask;

    // Guarded by _lock. The timestamp for which the timer is set.
    private long _armedFor = long.MaxValue;

    // Guarded by _lock. The cause is written before the flag, and read by any thread after it, as is the reason of the cause.
    private volatile bool _isEnded;
    private Exception? _cause;
    private volatile bool _isDisposed;

    /// <summary>Gets a task that completes when the channel accepts no more requests: the connection has ended, or is disposed of. It never fails.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Gets the reason why the channel ended; null while it is open, and after a disposal.</summary>
    public Exception? CloseCause => _isEnded && _cause is not ObjectDisposedException ? _cause : null;

    /// <summary>Gets a value indicating whether the channel accepts no more requests. <see cref="Completion"/> completes soon after.</summary>
    internal bool HasEnded => _isEnded;

    /// <summary>
    /// Closes the connection. Pending requests fail with a <see cref="RequestException"/>; requests that are in the connection's buffer are still sent.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        Fail(new ObjectDisposedException(typeof(RequestChannel<TRequest, TReply>).Name), isDisposal: true);
        await _connection.CloseAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
    }

    /// <summary>Ends a request whose caller has canceled it. Called in the frames of the cancellation.</summary>
    internal void Cancel(PendingRequest<TRequest, TReply> pending)
    {
        byte[]? bytes;
        lock (_lock)
        {
            if (!TryGiveUp(pending, out bytes))
            {
                return;
            }

            End(pending, new OperationCanceledException(pending.Token));
        }

        OnGivenUp(bytes);
    }

    /// <summary>Ends the channel, and each pending request with the cause. Does nothing if it has ended before.</summary>
    internal void Fail(Exception cause, bool isDisposal = false)
    {
        List<PendingRequest<TRequest, TReply>> pending = [];
        lock (_lock)
        {
            if (_isEnded)
            {
                return;
            }

            _cause = cause;
            _isDisposed = isDisposal;
            _isEnded = true;
            _matcher.CollectInto(pending);
            foreach (PendingRequest<TRequest, TReply> request in pending)
            {
                End(request, Failure(cause, RequestDelivery.MaybeSent));
            }

            while (_backlog.First?.Value is { } queued)
            {
                ArrayPool<byte>.Shared.Return(Dequeue(queued));
                End(queued, Failure(cause, RequestDelivery.NotSent));
            }

            _matcher.Clear();
            _armedFor = long.MaxValue;
        }

        _reader.Complete(CloseCause);
        _completion.TrySetResult();
        _completions.RunOnPool();
        _deadline.UpdateOrLater();
        if (cause is EndOfStreamException)
        {
            _ = CloseQuietlyAsync();
        }
        else if (cause is not ObjectDisposedException)
        {
            _connection.Abort();
        }
    }

    private async Task CloseQuietlyAsync()
    {
        try
        {
            await _connection.CloseAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The peer has gone in between.
        }
    }

    // The connection may be closed without the channel, which is an ObjectDisposedException, too.
    private RequestException Failure(Exception cause, RequestDelivery delivery) => new(
        _isDisposed ? "The channel is disposed of." : $"The connection has ended: {cause.Message}", cause, delivery);

    private static RequestException TimedOut(PendingRequest<TRequest, TReply> request, RequestDelivery delivery)
    {
        string what = request.IsOneWay ? "The message was not sent" : delivery == RequestDelivery.NotSent ? "The request was not sent" : "The request got no reply";
        return new RequestException($"{what} within {request.Timeout.TotalSeconds} s.", new TimeoutException(), delivery);
    }

    // Called while requests are pending, and so with the timer set, at least once in the shortest time that a request may take.
    private void ExpireRequests()
    {
        List<byte[]>? arrays = null;
        bool isAny = false;
        long now;
        try
        {
            now = _timeProvider.GetTimestamp();
        }
        catch (Exception)
        {
            // Of a clock of the user's, on the timer's thread, where an exception may end the process. The timer has fired, and no other would come.
            _deadline.UpdateLater();
            return;
        }

        List<PendingRequest<TRequest, TReply>> pending = [];
        lock (_lock)
        {
            if (_isEnded)
            {
                return;
            }

            _matcher.CollectInto(pending);
            pending.AddRange(_backlog);
            if (_written is { } written)
            {
                pending.Add(written);
            }

            long earliest = long.MaxValue;
            foreach (PendingRequest<TRequest, TReply> request in pending)
            {
                if (request.Due > now)
                {
                    earliest = Math.Min(earliest, request.Due);
                    continue;
                }

                RequestDelivery delivery = request.Phase == RequestPhase.Queued ? RequestDelivery.NotSent : RequestDelivery.MaybeSent;
                if (TryGiveUp(request, out byte[]? bytes))
                {
                    isAny = true;
                    if (bytes is not null)
                    {
                        (arrays ??= []).Add(bytes);
                    }

                    End(request, TimedOut(request, delivery));
                }
            }

            _armedFor = earliest == long.MaxValue ? long.MaxValue : Math.Max(earliest, now + _resolutionTicks);
        }

        _deadline.UpdateOrLater();
        arrays?.ForEach(static bytes => ArrayPool<byte>.Shared.Return(bytes));
        if (isAny)
        {
            OnGivenUp(bytes: null);
        }
    }

    // Outside the lock.
    private void OnGivenUp(byte[]? bytes)
    {
        if (bytes is not null)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }

        _completions.RunOnPool();
        bool isTooMany;
        lock (_lock)
        {
            isTooMany = _matcher.Abandoned > _maxInFlight;
        }

        if (isTooMany)
        {
            Fail(new TimeoutException($"The peer has left more than {_maxInFlight} requests unanswered."));
        }
        else
        {
            ContinueBacklog();
        }
    }

    private long GetDue(TimeSpan timeout) => timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : _timeProvider.GetTimestamp() + Ticks(timeout);

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * _frequency);

    private (TimeSpan Due, TimeSpan Period)? GetSchedule()
    {
        long due;
        lock (_lock)
        {
            if (_isEnded)
            {
                return null;
            }

            due = _armedFor;
        }

        return SharedTimer.OnceAt(due, _timeProvider);
    }

    // The rest runs under the lock.

    // Whether the timer has to be set anew for the request.
    private bool Arms(PendingRequest<TRequest, TReply> pending)
    {
        if (pending.Due >= _armedFor)
        {
            return false;
        }

        _armedFor = pending.Due;
        return true;
    }

    // Takes a request out of the queue, or lets its reply be discarded. False if it has ended.
    private bool TryGiveUp(PendingRequest<TRequest, TReply> pending, out byte[]? bytes)
    {
        bytes = null;
        switch (pending.Phase)
        {
            case RequestPhase.Queued:
                bytes = Dequeue(pending);
                _matcher.Forget(pending);
                return true;
            case RequestPhase.Sent when !pending.IsOneWay:
                _matcher.Abandon(pending);
                return true;
            case RequestPhase.Sent when ReferenceEquals(_written, pending):
                _written = null;
                return true;
            default:
                return false;
        }
    }

    // The caller runs the completions when it has left the lock.
    private void End(PendingRequest<TRequest, TReply> pending, Exception? failure)
    {
        pending.Phase = RequestPhase.Ended;
        if (failure is not null)
        {
            pending.SetFailure(failure);
        }

        _completions.Add(pending);
    }

    private void ThrowIfEnded()
    {
        if (_isEnded)
        {
            throw Failure(_cause!, RequestDelivery.NotSent);
        }
    }
}

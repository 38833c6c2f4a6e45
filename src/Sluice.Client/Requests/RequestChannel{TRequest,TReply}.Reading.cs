using System.Runtime.CompilerServices;
using Sluice.Client.Requests;
using Sluice.Scheduling;

namespace Sluice.Client;

// The reader: one task that decodes all complete messages of a receive and ends their requests, then lets the callers run.
public sealed partial class RequestChannel<TRequest, TReply>
{
    private readonly ReplyReader<TRequest, TReply> _reader;

    // Written by the reader, read by any thread.
    private long _lastReceive;

    /// <summary>Gets the time since the peer last sent a message.</summary>
    public TimeSpan IdleTime => _timeProvider.GetElapsedTime(Volatile.Read(ref _lastReceive));

    internal Lock Sync => _lock;

    /// <summary>Ends the request that a reply belongs to. The reader calls this, and later <see cref="EndBatch"/>.</summary>
    internal void OnReply(long key, TReply reply)
    {
        lock (_lock)
        {
            // A channel that has ended has no requests any more.
            if (!_isEnded && _matcher.Take(key) is { } pending)
            {
                pending.SetReply(reply);
                End(pending, failure: null);
            }
        }
    }

    private async Task ReadAsync()
    {
        Exception cause;
        try
        {
            while (await ReadBatchAsync().ConfigureAwait(false))
            {
                EndBatch();
                if (_reader.IsPushHeld)
                {
                    await _reader.WaitForRoomAsync(_completion.Task).ConfigureAwait(false);
                }
            }

            cause = new EndOfStreamException("The peer has ended the connection.");
        }
        catch (Exception exception)
        {
            cause = exception;
        }

        try
        {
            EndBatch();
        }
        catch (Exception exception)
        {
            // Of a clock of the user's. The channel has to end all the same.
            cause = exception;
        }

        Fail(cause);
    }

    // The socket's timeout ends the connection only if a request waits for its reply, and has waited as long as the reader: a peer that was asked nothing need
    // not send anything, and one that was asked just now has its time.
    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<bool> ReadBatchAsync()
    {
        while (true)
        {
            lock (_lock)
            {
                _matcher.BeginWait();
            }

            try
            {
                return await _connection.Input.RunAsync<ReplyOperation<TRequest, TReply>, bool>(new(_reader), CancellationToken.None)
                    .ConfigureAwait(false);
            }
            catch (IOException exception) when (exception.InnerException is TimeoutException && !IsOverdue)
            {
                // Nothing was consumed: the read begins again.
            }
        }
    }

    private bool IsOverdue
    {
        get
        {
            lock (_lock)
            {
                return _matcher.IsOverdue;
            }
        }
    }

    private void EndBatch()
    {
        NoteReceive();
        _completions.Run();
        ContinueBacklog();
    }

    private void NoteReceive()
    {
        try
        {
            Volatile.Write(ref _lastReceive, _timeProvider.GetTimestamp());
        }
        catch (Exception)
        {
            // Of a clock of the user's, which must not keep the callers from their replies. A heartbeat comes earlier than it has to.
        }
    }
}

using System.Buffers;

namespace Sluice.Client.Requests;

/// <summary>Knows which request a reply belongs to. <see cref="Encode"/> and <see cref="TryDecode"/> call user code, and are called under no lock.</summary>
internal abstract class ReplyMatcher<TRequest, TReply>
{
    /// <summary>Gets the largest number of bytes that an incomplete message may have.</summary>
    public abstract long MaxBuffered { get; }

    /// <summary>Encodes a request.</summary>
    public abstract void Encode(TRequest request, PendingRequest<TRequest, TReply> pending, IBufferWriter<byte> output);

    /// <summary>Decodes the next message. The reader alone calls this.</summary>
    public abstract bool TryDecode(Lock sync, in FrameInput input, out TReply message, out long consumed);

    /// <summary>Determines what a message belongs to. The reader alone calls this.</summary>
    /// <param name="message">The message.</param>
    /// <param name="key">The key for <see cref="Take"/>.</param>
    /// <returns>False if it answers no request.</returns>
    public abstract bool TryGetKey(TReply message, out long key);

    // The rest runs under the channel's lock.

    /// <summary>Gets the number of requests that count as sent and unanswered.</summary>
    public abstract int InFlight { get; }

    /// <summary>Gets the number of requests that have ended without a reply, and for which the peer may send one.</summary>
    public abstract int Abandoned { get; }

    /// <summary>Gets a value indicating whether a request is unanswered that was sent before the reader began to wait.</summary>
    public abstract bool IsOverdue { get; }

    /// <summary>Notes that the reader begins to wait.</summary>
    public abstract void BeginWait();

    /// <summary>Prepares for a request that is being encoded.</summary>
    public abstract void Begin(PendingRequest<TRequest, TReply> pending);

    /// <summary>Forgets a request that was not sent.</summary>
    public abstract void Forget(PendingRequest<TRequest, TReply> pending);

    /// <summary>Notes that a request is sent.</summary>
    public abstract void Send(PendingRequest<TRequest, TReply> pending, TRequest request);

    /// <summary>Notes that a sent request has ended, so that its reply is discarded.</summary>
    public abstract void Abandon(PendingRequest<TRequest, TReply> pending);

    /// <summary>Takes the request that a reply belongs to; null if it was abandoned.</summary>
    /// <exception cref="InvalidDataException">No request waits for that reply.</exception>
    public abstract PendingRequest<TRequest, TReply>? Take(long key);

    /// <summary>Adds the requests that are not abandoned, in no particular order.</summary>
    public abstract void CollectInto(List<PendingRequest<TRequest, TReply>> requests);

    /// <summary>Forgets all requests.</summary>
    public abstract void Clear();
}

using System.Buffers;

namespace Sluice.Client;

/// <summary>
/// Describes a protocol whose messages carry the id of their request, so that the peer may answer in any order. One object serves any number of connections
/// if it keeps nothing between calls.
/// </summary>
/// <remarks>
/// <see cref="Encode"/> runs on the thread that sends, for several requests at once. The other members run one at a time for a connection. The message
/// must not refer to the buffer that it is decoded from: the caller gets it later. If a member other than <see cref="Encode"/> throws, the connection is closed
/// and every pending request fails with that exception.
/// </remarks>
/// <typeparam name="TRequest">The type of a request.</typeparam>
/// <typeparam name="TReply">The type of a reply, and of a message that the peer sends without a request.</typeparam>
public interface IMultiplexedProtocol<TRequest, TReply> : IFrameDecoder<TReply>
{
    /// <summary>Gets the smallest id. By default 1.</summary>
    long MinId => 1;

    /// <summary>
    /// Gets the largest id, after which ids begin again with <see cref="MinId"/>; those still in use are skipped. By default <see cref="int.MaxValue"/>.
    /// </summary>
    long MaxId => int.MaxValue;

    /// <summary>Encodes a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="id">The id, which the reply has to carry. 0 for a message that is sent with <see cref="RequestChannel{TRequest, TReply}.PostAsync"/>.</param>
    /// <param name="output">The destination. Its bytes are sent if this returns, and dropped if it throws.</param>
    void Encode(TRequest request, long id, IBufferWriter<byte> output);

    /// <summary>Gets the id of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="id">The id of the request that it answers.</param>
    /// <returns>
    /// False if the message answers no request, and belongs to <see cref="RequestChannel{TRequest, TReply}.Pushes"/>.
    /// </returns>
    bool TryGetId(TReply message, out long id);
}

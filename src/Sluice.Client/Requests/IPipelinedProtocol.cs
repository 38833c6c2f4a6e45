namespace Sluice.Client;

/// <summary>
/// Describes a protocol whose peer answers requests in their order: Redis, HTTP/1.1, SMTP. One object serves any number of connections if it keeps nothing
/// between calls.
/// </summary>
/// <remarks>
/// <see cref="IFrameEncoder{TFrame}.Encode"/> runs on the thread that sends, for several requests at once. The other members run one at a time for a
/// connection. A message must not refer to the buffer that it is decoded from: the caller gets it later. If a member other than <c>Encode</c> throws, the
/// connection is closed and every pending request fails with that exception.
/// </remarks>
/// <typeparam name="TRequest">The type of a request.</typeparam>
/// <typeparam name="TReply">The type of a reply, and of a message that the peer sends without a request.</typeparam>
public interface IPipelinedProtocol<TRequest, TReply> : IFrameEncoder<TRequest>, IFrameDecoder<TReply>
{
    /// <summary>
    /// Decodes the next message if it is complete, while requests are unanswered. For protocols whose replies cannot be delimited without the request, as
    /// with HTTP's <c>HEAD</c>. By default calls <see cref="IFrameDecoder{TFrame}.TryDecode"/>, which also decodes a message while no request is unanswered.
    /// </summary>
    /// <param name="request">The oldest unanswered request.</param>
    /// <param name="input">The bytes received so far: at least one.</param>
    /// <param name="reply">The message.</param>
    /// <param name="consumed">The number of bytes of the message, at least 1.</param>
    /// <returns>Whether the message is complete.</returns>
    bool TryDecodeReply(TRequest request, in FrameInput input, out TReply reply, out long consumed) => TryDecode(input, out reply, out consumed);

    /// <summary>
    /// Determines whether a message answers no request, and belongs to <see cref="RequestChannel{TRequest, TReply}.Pushes"/>. By default none does.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <returns>False if the message answers the oldest unanswered request.</returns>
    bool IsPush(TReply message) => false;
}

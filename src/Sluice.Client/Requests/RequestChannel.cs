namespace Sluice.Client;

/// <summary>Creates request channels.</summary>
public static class RequestChannel
{
    /// <summary>Creates a channel for a protocol whose peer answers requests in their order.</summary>
    /// <typeparam name="TRequest">The type of a request.</typeparam>
    /// <typeparam name="TReply">The type of a reply.</typeparam>
    /// <param name="connection">The connection, after its handshake. The channel owns it: no other code may read, write or close it.</param>
    /// <param name="protocol">Encodes requests and decodes replies.</param>
    /// <param name="options">The limits; null for the defaults.</param>
    /// <returns>The channel, which reads from now on.</returns>
    public static RequestChannel<TRequest, TReply> Create<TRequest, TReply>(
        Connection connection, IPipelinedProtocol<TRequest, TReply> protocol, RequestChannelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(protocol);
        options ??= new RequestChannelOptions();
        return RequestChannel<TRequest, TReply>.Start(connection, new Requests.PipelinedMatcher<TRequest, TReply>(protocol, options.MaxInFlight), options);
    }

    /// <summary>Creates a channel for a protocol whose messages carry the id of their request.</summary>
    /// <typeparam name="TRequest">The type of a request.</typeparam>
    /// <typeparam name="TReply">The type of a reply.</typeparam>
    /// <param name="connection">The connection, after its handshake. The channel owns it: no other code may read, write or close it.</param>
    /// <param name="protocol">Encodes requests and decodes replies.</param>
    /// <param name="options">The limits; null for the defaults.</param>
    /// <returns>The channel, which reads from now on.</returns>
    public static RequestChannel<TRequest, TReply> Create<TRequest, TReply>(
        Connection connection, IMultiplexedProtocol<TRequest, TReply> protocol, RequestChannelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(protocol);
        return RequestChannel<TRequest, TReply>.Start(
            connection, new Requests.MultiplexedMatcher<TRequest, TReply>(protocol), options ?? new RequestChannelOptions());
    }

    /// <summary>Creates a channel whose peer answers each frame with one frame, in their order.</summary>
    /// <typeparam name="TRequest">The type of a request.</typeparam>
    /// <typeparam name="TReply">The type of a reply. It must not refer to the buffer that the decoder decodes.</typeparam>
    /// <param name="connection">The connection, after its handshake. The channel owns it: no other code may read, write or close it.</param>
    /// <param name="encoder">Encodes requests: one of <see cref="FrameEncoder"/>, or your own.</param>
    /// <param name="decoder">Decodes replies: one of <see cref="FrameDecoder"/>, or your own.</param>
    /// <param name="options">The limits; null for the defaults.</param>
    /// <returns>The channel, which reads from now on.</returns>
    /// <exception cref="ArgumentException">The decoder returns views of the buffer, which callers would get too late.</exception>
    public static RequestChannel<TRequest, TReply> Create<TRequest, TReply>(
        Connection connection, IFrameEncoder<TRequest> encoder, IFrameDecoder<TReply> decoder, RequestChannelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(decoder);
        if (typeof(TReply) == typeof(System.Buffers.ReadOnlySequence<byte>))
        {
            throw new ArgumentException("The frames are views of the buffer, which callers would get too late: decode them to a type that owns its bytes.", nameof(decoder));
        }

        return Create(connection, new Requests.FrameProtocol<TRequest, TReply>(encoder, decoder), options);
    }
}

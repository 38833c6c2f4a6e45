namespace Sluice.Testing.Tcp;

/// <summary>The socket of a connection.</summary>
internal interface ITcpUser
{
    /// <summary>The connect has ended, with success or a failure.</summary>
    void OnConnected();

    /// <summary>There are bytes, the end, or an error to read.</summary>
    void OnReadable();

    /// <summary>There is room to send, or an error.</summary>
    void OnWritable();

    /// <summary>The peer has ended its output; or the connection is gone.</summary>
    void OnPeerEnded(bool gone);
}

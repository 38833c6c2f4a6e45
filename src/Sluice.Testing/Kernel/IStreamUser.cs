namespace Sluice.Testing.Kernel;

/// <summary>The transport of a stream socket.</summary>
internal interface IStreamUser
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

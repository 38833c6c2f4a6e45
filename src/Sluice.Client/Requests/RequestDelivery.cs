namespace Sluice.Client;

/// <summary>Says how far a request came that got no reply.</summary>
public enum RequestDelivery
{
    /// <summary>No byte of the request has left. It is safe to send it again.</summary>
    NotSent = 0,

    /// <summary>The request, or its beginning, was handed to the network. The peer may have received and executed it.</summary>
    MaybeSent = 1,
}

namespace Sluice.Client.Requests;

/// <summary>Says where a request is.</summary>
internal enum RequestPhase
{
    /// <summary>The object serves no request.</summary>
    Free,

    /// <summary>The request is being encoded.</summary>
    Encoding,

    /// <summary>The encoded request waits in the backlog.</summary>
    Queued,

    /// <summary>The request was appended to the connection's output, or is being written to it.</summary>
    Sent,

    /// <summary>The request has its reply, or the reason why there is none.</summary>
    Ended,
}

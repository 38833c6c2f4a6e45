namespace Sluice.Bench;

/// <summary>The modes of servers.</summary>
internal enum ServerMode
{
    /// <summary>Echoes bytes as they arrive.</summary>
    Raw,

    /// <summary>Echoes each line, ended by CR LF.</summary>
    Lines,

    /// <summary>Like <see cref="Raw"/>, but a message of a single byte blocks the handler's thread for a while.</summary>
    Slow,

    /// <summary>Like <see cref="Raw"/>, with a computation for each message.</summary>
    Compute,

    /// <summary>Like <see cref="Raw"/>, but the thread pool answers each message, while others are answered.</summary>
    OffLoop,

    /// <summary>Reads and discards.</summary>
    Sink,

    /// <summary>Sends endlessly.</summary>
    Source,

    /// <summary>Sends each datagram back.</summary>
    DatagramEcho,

    /// <summary>Counts datagrams, and answers a datagram of a single byte with that byte and the count.</summary>
    DatagramSink,

    /// <summary>Sends as many messages to all connections as one of them asks for.</summary>
    Broadcast,

    /// <summary>Like <see cref="Raw"/>, with TLS.</summary>
    TlsRaw,

    /// <summary>Like <see cref="Sink"/>, with TLS.</summary>
    TlsSink,

    /// <summary>Like <see cref="Source"/>, with TLS.</summary>
    TlsSource,
}

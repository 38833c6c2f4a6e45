namespace Sluice.Bench;

/// <summary>What a server does with what comes.</summary>
internal enum ServerMode
{
    /// <summary>Echoes bytes as they come.</summary>
    Raw,

    /// <summary>Echoes each line, with CR LF at its end.</summary>
    Lines,

    /// <summary>As <see cref="Raw"/>, and a message of a single byte blocks the thread of its handler for a while.</summary>
    Slow,

    /// <summary>As <see cref="Raw"/>, and computes for a while for each message.</summary>
    Compute,

    /// <summary>Reads and drops.</summary>
    Sink,

    /// <summary>Sends without end.</summary>
    Source,

    /// <summary>Sends each datagram back.</summary>
    DatagramEcho,

    /// <summary>Counts datagrams, and answers one of a single byte with that byte and the number.</summary>
    DatagramSink,

    /// <summary>As <see cref="Raw"/>, under TLS.</summary>
    TlsRaw,

    /// <summary>As <see cref="Sink"/>, under TLS.</summary>
    TlsSink,

    /// <summary>As <see cref="Source"/>, under TLS.</summary>
    TlsSource,
}

using System.Globalization;
using System.Text.Json;

namespace Sluice;

/// <summary>Represents a snapshot of a socket.</summary>
/// <param name="Kind">The kind of the socket: <c>connection</c>, <c>listener</c> or <c>datagrams</c>.</param>
/// <param name="Loop">The number of the event loop; null if the socket has none.</param>
/// <param name="LocalEndPoint">The local end point; null if the socket was being closed.</param>
/// <param name="RemoteEndPoint">The end point of the peer; null if there is none.</param>
/// <param name="Tls">The version of TLS; null without TLS.</param>
/// <param name="WaitsFor">The event that a call waits for: <c>data</c>, <c>room</c> to send, or <c>connections</c>; null if no call waits.</param>
/// <param name="WaitsSince">The time since the wait began.</param>
/// <param name="BytesReceived">The number of bytes that a connection has read.</param>
/// <param name="BytesSent">The number of bytes that a connection has written.</param>
public sealed record SocketDescription(
    string Kind,
    int? Loop,
    string? LocalEndPoint,
    string? RemoteEndPoint,
    string? Tls,
    string? WaitsFor,
    TimeSpan? WaitsSince,
    long BytesReceived,
    long BytesSent)
{
    /// <summary>Returns the description as one line of text.</summary>
    /// <returns>The text.</returns>
    public override string ToString()
    {
        string peer = RemoteEndPoint is null ? string.Empty : $" - {RemoteEndPoint}";
        string tls = Tls is null ? string.Empty : $", {Tls}";
        string loop = Loop is null ? string.Empty : string.Create(CultureInfo.InvariantCulture, $", loop {Loop}");
        string bytes = Kind == "connection" ? string.Create(CultureInfo.InvariantCulture, $", {BytesReceived} bytes in, {BytesSent} out") : string.Empty;
        string wait = WaitsFor is null
            ? string.Empty
            : string.Create(CultureInfo.InvariantCulture, $", waits for {WaitsFor} since {WaitsSince?.TotalSeconds:0.###} s");
        return $"{Kind} {LocalEndPoint}{peer}{loop}{tls}{bytes}{wait}";
    }

    internal void Write(Utf8JsonWriter output)
    {
        output.WriteStartObject();
        output.WriteString("kind", Kind);
        if (Loop is { } loop)
        {
            output.WriteNumber("loop", loop);
        }

        output.WriteString("local", LocalEndPoint);
        output.WriteString("remote", RemoteEndPoint);
        output.WriteString("tls", Tls);
        output.WriteString("waitsFor", WaitsFor);
        if (WaitsSince is { } since)
        {
            output.WriteNumber("waitsSinceMs", (long)since.TotalMilliseconds);
        }

        output.WriteNumber("received", BytesReceived);
        output.WriteNumber("sent", BytesSent);
        output.WriteEndObject();
    }
}

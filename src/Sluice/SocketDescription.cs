using System.Globalization;
using System.Text.Json;

namespace Sluice;

/// <summary>What a socket was doing at one moment.</summary>
/// <param name="Kind">What it is: <c>connection</c>, <c>listener</c> or <c>datagrams</c>.</param>
/// <param name="Loop">The number of its event loop; null if it has none.</param>
/// <param name="LocalEndPoint">The end point on this side; null if it was closed just then.</param>
/// <param name="RemoteEndPoint">The peer's; null if it has none.</param>
/// <param name="Tls">The version of TLS; null if it is under none.</param>
/// <param name="WaitsFor">What somebody waits for at it: <c>data</c>, <c>room</c> to send, or <c>connections</c>; null for nothing.</param>
/// <param name="WaitsSince">For how long.</param>
/// <param name="BytesReceived">How many bytes a connection has read.</param>
/// <param name="BytesSent">How many it has written.</param>
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
    /// <summary>As text, in one line.</summary>
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

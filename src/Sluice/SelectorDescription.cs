using System.Globalization;
using System.Text;
using System.Text.Json;
using Sluice.Engine;

namespace Sluice;

/// <summary>Represents a snapshot of a <see cref="SelectorManager"/>: its loops and its sockets, with the event that each socket waits for.</summary>
public sealed class SelectorDescription
{
    internal SelectorDescription(SelectorEngine engine, IReadOnlyList<LoopDescription> loops, IReadOnlyList<SocketDescription> sockets, int socketCount)
    {
        Engine = engine;
        Loops = loops;
        Sockets = sockets;
        SocketCount = socketCount;
    }

    /// <summary>Gets the engine.</summary>
    public SelectorEngine Engine { get; }

    /// <summary>Gets the event loops; none for the portable engine.</summary>
    public IReadOnlyList<LoopDescription> Loops { get; }

    /// <summary>Gets the open sockets, the newest first, up to the requested number.</summary>
    public IReadOnlyList<SocketDescription> Sockets { get; }

    /// <summary>Gets the number of open sockets.</summary>
    public int SocketCount { get; }

    /// <summary>
    /// Gets the maximum number of open descriptors of the process (<c>RLIMIT_NOFILE</c>), sockets and others; null if there is no limit, or it is not known.
    /// It is read once.
    /// </summary>
    public int? MaxDescriptors { get; } = DescriptorLimit.Limit;

    /// <summary>Gets the number of descriptors that listeners reserve for other uses: they accept nothing while only the reserve is left. See <see cref="ServeOptions.DefaultMaxConnections"/>.</summary>
    public int ReservedDescriptors { get; } = DescriptorLimit.Reserve;

    /// <summary>Returns the description as text, with a line for each loop and socket.</summary>
    /// <returns>The text.</returns>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Engine}, {Loops.Count} loops, {SocketCount} sockets");
        if (MaxDescriptors is { } most)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  at most {most} descriptors, of which {ReservedDescriptors} are reserved for other uses than accepted connections");
        }

        foreach (LoopDescription loop in Loops)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {loop}");
        }

        foreach (SocketDescription socket in Sockets)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {socket}");
        }

        if (Sockets.Count < SocketCount)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  and {SocketCount - Sockets.Count} more");
        }

        return text.ToString();
    }

    /// <summary>Writes the description as JSON.</summary>
    /// <param name="output">The writer.</param>
    public void WriteJson(Utf8JsonWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.WriteStartObject();
        output.WriteString("engine", Engine.ToString());
        output.WriteNumber("socketCount", SocketCount);
        if (MaxDescriptors is { } most)
        {
            output.WriteNumber("maxDescriptors", most);
            output.WriteNumber("reservedDescriptors", ReservedDescriptors);
        }

        output.WriteStartArray("loops");
        foreach (LoopDescription loop in Loops)
        {
            loop.Write(output);
        }

        output.WriteEndArray();
        output.WriteStartArray("sockets");
        foreach (SocketDescription socket in Sockets)
        {
            socket.Write(output);
        }

        output.WriteEndArray();
        output.WriteEndObject();
    }

    /// <summary>Returns the description as JSON.</summary>
    /// <returns>The text.</returns>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var output = new Utf8JsonWriter(stream))
        {
            WriteJson(output);
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}

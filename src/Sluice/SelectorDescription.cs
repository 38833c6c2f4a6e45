using System.Globalization;
using System.Text;
using System.Text.Json;
using Sluice.Engine;

namespace Sluice;

/// <summary>What a <see cref="SelectorManager"/> was doing at one moment: its loops, its sockets, and what each of them waits for.</summary>
public sealed class SelectorDescription
{
    internal SelectorDescription(SelectorEngine engine, IReadOnlyList<LoopDescription> loops, IReadOnlyList<SocketDescription> sockets, int socketCount)
    {
        Engine = engine;
        Loops = loops;
        Sockets = sockets;
        SocketCount = socketCount;
    }

    /// <summary>The engine.</summary>
    public SelectorEngine Engine { get; }

    /// <summary>The event loops; none for the portable engine.</summary>
    public IReadOnlyList<LoopDescription> Loops { get; }

    /// <summary>Sockets that are open, the newest first: at most as many as were asked for.</summary>
    public IReadOnlyList<SocketDescription> Sockets { get; }

    /// <summary>How many sockets are open.</summary>
    public int SocketCount { get; }

    /// <summary>
    /// How many descriptors the process may have open (<c>RLIMIT_NOFILE</c>), sockets and everything else; null where there is no limit, or it is not
    /// known. As it was when it was first asked for.
    /// </summary>
    public int? MaxDescriptors { get; } = DescriptorLimit.Limit;

    /// <summary>How many of them listeners leave to everything else: they accept nothing while only these are left. See <see cref="ServeOptions.DefaultMaxConnections"/>.</summary>
    public int ReservedDescriptors { get; } = DescriptorLimit.Reserve;

    /// <summary>As text, a line for each loop and socket.</summary>
    /// <returns>The text.</returns>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Engine}, {Loops.Count} loops, {SocketCount} sockets");
        if (MaxDescriptors is { } most)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  at most {most} descriptors, of which {ReservedDescriptors} are not for accepted connections");
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

    /// <summary>As JSON, in UTF-8.</summary>
    /// <param name="output">Where to write it.</param>
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

    /// <summary>As JSON.</summary>
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

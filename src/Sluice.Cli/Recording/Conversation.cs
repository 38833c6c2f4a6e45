using System.Net;

namespace Sluice.Cli.Recording;

/// <summary>A recorded connection: what each side sent, in order.</summary>
internal sealed class Conversation(IPEndPoint client, IPEndPoint server, double began)
{
    private readonly Dictionary<bool, uint> _next = [];

    public IPEndPoint Client { get; } = client;

    public IPEndPoint Server { get; } = server;

    /// <summary>Gets when it began, in seconds.</summary>
    public double Began { get; } = began;

    /// <summary>Gets what was sent, with its time in seconds.</summary>
    public List<(double Time, bool FromClient, byte[] Bytes)> Messages { get; } = [];

    /// <summary>Reads the conversations of a pcapng or pcap file.</summary>
    public static IReadOnlyList<Conversation> ReadAll(Stream file)
    {
        var all = new List<Conversation>();
        var open = new Dictionary<(IPEndPoint, IPEndPoint), Conversation>();
        foreach ((double time, int linkType, byte[] bytes) in PcapngReader.Read(file))
        {
            if (ParsedPacket.Parse(linkType, bytes) is not { } packet)
            {
                continue;
            }

            bool begins = packet.IsTcp && packet.Flags.HasFlag(TcpFlags.Syn) && !packet.Flags.HasFlag(TcpFlags.Ack);
            bool isBack = open.TryGetValue((packet.To, packet.From), out Conversation? conversation);
            if (begins || (!isBack && !open.TryGetValue((packet.From, packet.To), out conversation)))
            {
                conversation = new Conversation(packet.From, packet.To, time);
                open[(packet.From, packet.To)] = conversation;
                all.Add(conversation);
            }

            conversation!.Add(time, packet, fromClient: packet.From.Equals(conversation.Client));
        }

        return all;
    }

    private void Add(double time, ParsedPacket packet, bool fromClient)
    {
        ReadOnlySpan<byte> bytes = packet.Payload;
        if (packet.IsTcp)
        {
            uint sequence = packet.Sequence + (packet.Flags.HasFlag(TcpFlags.Syn) ? 1u : 0u);
            if (_next.TryGetValue(fromClient, out uint next))
            {
                // What was sent again is in the recording twice.
                int known = (int)(next - sequence);
                bytes = bytes[Math.Clamp(known, 0, bytes.Length)..];
                sequence = known > 0 ? next : sequence;
            }

            _next[fromClient] = sequence + (uint)bytes.Length;
        }

        if (!bytes.IsEmpty)
        {
            Messages.Add((time, fromClient, bytes.ToArray()));
        }
    }
}

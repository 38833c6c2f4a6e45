using System.Net;

namespace Sluice.Cli.Recording;

/// <summary>A recorded connection: what each side sent, in order.</summary>
internal sealed class Conversation(IPEndPoint client, IPEndPoint server, double began)
{
    private readonly SegmentOrder _fromClient = new();
    private readonly SegmentOrder _fromServer = new();

    public IPEndPoint Client { get; } = client;

    public IPEndPoint Server { get; } = server;

    /// <summary>Gets when it began, in seconds.</summary>
    public double Began { get; } = began;

    /// <summary>Gets a value indicating whether the recording lacks bytes that the client sent before others.</summary>
    public bool LacksBytes => _fromClient.HasGap;

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
        byte[] bytes = packet.IsTcp
            ? (fromClient ? _fromClient : _fromServer).Add(packet.Sequence, packet.Flags.HasFlag(TcpFlags.Syn), packet.Payload)
            : packet.Payload;
        if (bytes.Length > 0)
        {
            Messages.Add((time, fromClient, bytes));
        }
    }
}

using Sluice.Testing.Links;
using Sluice.Testing.Tcp;
using Sluice.Testing.Udp;

namespace Sluice.Testing;

/// <summary>Represents the way of packets from one host to another, in one direction. <see cref="SimulatedLink"/> has both.</summary>
public sealed class SimulatedPath
{
    private readonly SimulatedNetwork _network;
    private readonly List<Packet> _held = [];

    private long? _cutAt;
    private bool _cutsSilently;
    private long _busyUntil;
    private long _lastDatagram;
    private int _partitions;
    private int _holds;

    internal SimulatedPath(SimulatedNetwork network, SimulatedHost from, SimulatedHost to)
    {
        _network = network;
        From = from;
        To = to;
    }

    /// <summary>Gets the host that sends.</summary>
    public SimulatedHost From { get; }

    /// <summary>Gets the host that receives.</summary>
    public SimulatedHost To { get; }

    /// <summary>Gets or sets how long packets travel. Default: null, <see cref="SimulatedNetwork.Latency"/>. Segments of one connection do not overtake each other.</summary>
    public LatencyModel? Latency { get; set; }

    /// <summary>Gets or sets how many bytes it carries a second, with the headers of packets. Default: null, any number.</summary>
    public long? BytesPerSecond
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value ?? 1, 1);
            field = value;
        }
    }

    /// <summary>Gets or sets the probability that a packet is lost, from 0 to 1. TCP sends it again, later and later, and gives up in the end. Default: 0.</summary>
    public double Loss
    {
        get;
        set => field = Probability(value);
    }

    /// <summary>Gets or sets the probability that a datagram arrives twice, from 0 to 1. Default: 0.</summary>
    public double Duplication
    {
        get;
        set => field = Probability(value);
    }

    /// <summary>Gets or sets the probability that a bit of a datagram changes on the way, from 0 to 1. Default: 0.</summary>
    public double Corruption
    {
        get;
        set => field = Probability(value);
    }

    /// <summary>Gets a value indicating whether no packet arrives.</summary>
    public bool IsPartitioned => _partitions > 0;

    /// <summary>Loses every packet, also those on their way, until the result is disposed.</summary>
    /// <returns>The partition.</returns>
    public IDisposable Partition()
    {
        _partitions++;
        _network.TraceFault(From, To, "partition");
        return new Fault(() =>
        {
            _partitions--;
            _network.TraceFault(From, To, "healed");
        });
    }

    /// <summary>Keeps every packet until the result is disposed. They all arrive after that.</summary>
    /// <returns>The hold.</returns>
    public IDisposable Hold()
    {
        _holds++;
        _network.TraceFault(From, To, "hold");
        return new Fault(() =>
        {
            _network.TraceFault(From, To, "release");
            if (--_holds == 0)
            {
                Release();
            }
        });
    }

    /// <summary>
    /// Cuts every connection once a number of bytes has passed in this direction: those bytes arrive, and none after them, in neither direction.
    /// </summary>
    /// <param name="bytes">The number of bytes; null to cut no more connections.</param>
    /// <param name="silently">Whether the two ends hear nothing of it, as if a cable was cut; otherwise both get a reset.</param>
    public void CutConnectionsAfter(long? bytes, bool silently = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes ?? 0, nameof(bytes));
        _cutAt = bytes;
        _cutsSilently = silently;
    }

    /// <summary>Sends a packet.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="notBefore">When it arrives at the earliest.</param>
    /// <returns>When it arrives, unless it is lost or held.</returns>
    internal long Send(Packet packet, long notBefore)
    {
        packet.Path = this;
        if (packet is TcpSegment segment && _cutAt is { } cutAt)
        {
            Cut(segment, cutAt);
        }
        else if (packet is UdpDatagram datagram)
        {
            Spoil(datagram);
        }

        if (FindLoss(packet) is { } lost)
        {
            packet.Trace(_network.Trace, this, lost);
            return notBefore;
        }

        (PacketVerdict verdict, PacketRule? rule) = _network.Rules.Judge(packet, this);
        if (LosesByRule(packet, verdict))
        {
            packet.Trace(_network.Trace, this, "rule");
            return notBefore;
        }

        packet.Trace(_network.Trace, this, lost: null);
        if (verdict.Does == PacketVerdict.Action.Hold)
        {
            rule!.Hold(packet);
            return notBefore;
        }

        if (_holds > 0)
        {
            _held.Add(packet);
            return notBefore;
        }

        if (packet is UdpDatagram original && Duplication > 0 && _network.Draws.NextDouble() < Duplication)
        {
            UdpDatagram copy = original.Copy();
            copy.Path = this;
            Deliver(copy, notBefore);
        }

        return Deliver(packet, notBefore, verdict.Does == PacketVerdict.Action.Delay ? verdict.Argument : 0);
    }

    /// <summary>Lets packets go that were kept. They arrive in their order.</summary>
    internal void Release(IReadOnlyList<Packet> held)
    {
        long notBefore = 0;
        foreach (Packet packet in held)
        {
            notBefore = Deliver(packet, notBefore) + 1;
        }
    }

    /// <summary>Hands a packet to the receiver. Called when it is due.</summary>
    internal void Arrive(Packet packet)
    {
        if (_partitions > 0 || packet is TcpSegment { Flow.IsCut: true })
        {
            packet.Trace(_network.Trace, this, "partition");
            return;
        }

        if (_holds > 0)
        {
            _held.Add(packet);
            return;
        }

        if (packet is TcpSegment { CutsFlow: true } segment)
        {
            To.Receive(segment);
            segment.Flow!.Cut(_network, _cutsSilently);
            return;
        }

        To.Receive(packet);
    }

    private void Spoil(UdpDatagram datagram)
    {
        if (Corruption > 0 && datagram.Length > 0 && _network.Draws.NextDouble() < Corruption)
        {
            datagram.Corrupt(_network.Draws.Next(datagram.Length * 8));
        }
    }

    // The checksum of a segment finds a bit that has changed.
    private static bool LosesByRule(Packet packet, PacketVerdict verdict)
    {
        if (verdict.Does == PacketVerdict.Action.Corrupt && packet is UdpDatagram datagram)
        {
            if (datagram.Length > 0)
            {
                datagram.Corrupt((int)(verdict.Argument % (datagram.Length * 8)));
            }

            return false;
        }

        return verdict.Does is PacketVerdict.Action.Drop or PacketVerdict.Action.Corrupt;
    }

    private static double Probability(double value) =>
        value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A probability is a number from 0 to 1.");

    private string? FindLoss(Packet packet) =>
        _partitions > 0 ? "partition"
        : packet is TcpSegment { Flow.IsCut: true } ? "cut"
        : Loss > 0 && !ReferenceEquals(From, To) && _network.Draws.NextDouble() < Loss ? "lost"
        : null;

    private long Deliver(Packet packet, long notBefore, long delay = 0)
    {
        long now = _network.Agenda.Now;
        long sent = now;
        if (BytesPerSecond is { } rate)
        {
            sent = _busyUntil = Math.Max(now, _busyUntil) + (packet.WireSize * TimeSpan.TicksPerSecond / rate);
        }

        LatencyModel latency = ReferenceEquals(From, To) ? _network.LoopbackLatency : Latency ?? _network.Latency;
        long due = Math.Max(sent + latency.Draw(_network.Draws) + delay, notBefore);
        if (packet is UdpDatagram && ReferenceEquals(From, To) && delay == 0)
        {
            // The loopback interface of Linux does not reorder.
            due = _lastDatagram = Math.Max(due, _lastDatagram + 1);
        }

        packet.Set(_network.Agenda, due);
        return due;
    }

    private void Release()
    {
        Packet[] held = [.. _held];
        _held.Clear();
        Release(held);
    }

    private static void Cut(TcpSegment segment, long cutAt)
    {
        if (segment.Length > 0 && segment.Sequence + segment.Length >= cutAt && segment.Flow is { IsCut: false })
        {
            segment.Truncate((int)Math.Max(0, cutAt - segment.Sequence));
        }
    }
}

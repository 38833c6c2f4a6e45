using Sluice.Engine.Datagrams;

namespace Sluice.Engine.Epoll;

/// <summary>The memory that datagram sockets take turns with: one at which nothing comes, and that sends nothing, holds none.</summary>
internal sealed class DatagramBuffers
{
    // As many as are in use at once on a machine that has so many processors busy with it; what is beyond goes to the garbage collector.
    private static readonly int s_spare = Math.Min(Environment.ProcessorCount * 2, 16);

    private readonly BoundedPool<ReceiveBatch> _receive = new(s_spare);
    private readonly BoundedPool<SendBatch> _send = new(s_spare);

    public ReceiveBatch RentReceive()
    {
        if (!_receive.TryRent(out ReceiveBatch? batch))
        {
            return new ReceiveBatch(DatagramSocketOptions.DefaultReceiveBatchSize, DatagramSocketOptions.DefaultMaxDatagramSize);
        }

        batch.Reset();
        return batch;
    }

    public void Return(ReceiveBatch batch) => _receive.Return(batch);

    public SendBatch RentSend() => _send.TryRent(out SendBatch? batch) ? batch : new SendBatch();

    public void Return(SendBatch batch)
    {
        batch.Reset();
        _send.Return(batch);
    }
}

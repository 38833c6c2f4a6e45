using Sluice.Engine.Datagrams;

namespace Sluice.Engine.Epoll;

/// <summary>The memory that datagram sockets share. An idle socket holds none.</summary>
internal sealed class DatagramBuffers
{
    // About as many as are in use at once when each processor handles datagrams. The garbage collector takes the rest.
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

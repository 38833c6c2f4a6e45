namespace Sluice.Cli.Tests.Recording;

/// <summary>A file on a disk that has so many bytes left.</summary>
internal sealed class FullDisk(int left) : MemoryStream
{
    public override void Write(ReadOnlySpan<byte> buffer) => Write(buffer.ToArray(), 0, buffer.Length);

    public override void Write(byte[] buffer, int offset, int count)
    {
        int written = (int)Math.Min(count, left - Position);
        base.Write(buffer, offset, written);
        if (written < count)
        {
            throw new IOException("No space left on device");
        }
    }
}

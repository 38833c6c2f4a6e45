using System.Buffers;
using System.Text;

namespace Sluice.Channels.Reading.Operations;

/// <summary>Projects bytes to a string.</summary>
internal readonly struct StringProjection(Encoding encoding) : IBytesProjection<string>
{
    public static bool IsView => false;

    public string Project(in ReadOnlySequence<byte> bytes) => encoding.GetString(bytes);
}

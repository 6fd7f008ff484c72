// Pictures of HEVC that lead a random access picture in the stream and are never shown: their
// references lie before the place where decoding begins (RASL; HEVC, 8.1.3 and 8.3.1).
#pragma once

#include <cstdint>
#include <vector>

#include "media/source_file.h"
#include "media/sync_classifier.h"
#include "timeline/gop_index.h"

namespace opencut {

// Hides those of the picture that a source with an index begins with.
void HideFirstRasl(SourceFile& source, const SyncClassifier& classifier);

// Of a stream that was read whole: takes the random access pictures behind the first that are led
// by such pictures, `never_shown` by their ordinals, for ones where decoding begins anew. All the
// RASL pictures of the stream, `rasl`, that lead those are never shown, either: they are added.
void BeginAnew(SourceFile& source, GopWindow& window, const std::vector<std::int64_t>& rasl,
               std::vector<std::int64_t>& never_shown);

// Where a container leaves open when a picture that is never shown would be, puts it before the
// random access picture it follows. `ordinals`: of such pictures, in a stream that was read whole.
void PlaceNeverShown(const std::vector<std::int64_t>& ordinals, GopWindow& window);

// As decoders do: what comes before the first packet that decoding can begin with, `first` by its
// ordinal, is not shown. Of a stream that was read whole, as a recording begun at any time.
void HideBeforeFirstStart(std::int64_t first, GopWindow& window);

// Of a stream that was read whole: the pts of the random access pictures behind the first that are
// led by pictures not shown, in order.
std::vector<std::int64_t> SeamsOf(const GopWindow& window);

}  // namespace opencut

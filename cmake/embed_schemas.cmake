# emplace_embed_schemas(target folder): builds the *.json of `folder` into `target`, as the table
# that src/api/schemas.h declares. The build runs this same file as a script to write the table:
#   cmake -DFOLDER=… -DOUTPUT=… -P embed_schemas.cmake

function(emplace_embed_schemas target folder)
  file(GLOB schemas CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.json)
  set(output ${CMAKE_BINARY_DIR}/${target}_schemas.cc)
  set(script ${CMAKE_SOURCE_DIR}/cmake/embed_schemas.cmake)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DFOLDER=${CMAKE_SOURCE_DIR}/${folder} -DOUTPUT=${output} -P ${script}
    DEPENDS ${schemas} ${script}
    COMMENT "Embedding ${folder}"
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()

function(write_schema_table folder output)
  file(GLOB paths ${folder}/*.json)
  set(rows "")
  foreach(path IN LISTS paths)
    get_filename_component(name ${path} NAME_WE)
    list(APPEND names ${name})
  endforeach()
  list(SORT names COMPARE STRING CASE SENSITIVE)
  foreach(name IN LISTS names)
    file(READ ${folder}/${name}.json text)
    string(APPEND rows "    {\"${name}\", R\"json(${text})json\"},\n")
  endforeach()
  file(WRITE ${output} "#include \"api/schemas.h\"

namespace emplace::api {
namespace {

constexpr SchemaText texts[] = {
${rows}};

}  // namespace

std::span<const SchemaText> schema_texts() { return texts; }

}  // namespace emplace::api
")
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  write_schema_table(${FOLDER} ${OUTPUT})
endif()
